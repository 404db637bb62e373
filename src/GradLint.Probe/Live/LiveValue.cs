using GradLint.SignalPropagation;

namespace GradLint.Probe.Live;

/// <summary>A value of the forward pass with the node that computes it.</summary>
internal sealed class LiveValue(TracedTensor tensor)
{
    public TracedTensor Tensor { get; } = tensor;

    /// <summary>Its node; <c>null</c> while nothing has read it.</summary>
    public NodeId? Node { get; set; }

    /// <summary>Makes the node of a value that is read seldom; <c>null</c> for data.</summary>
    public Func<NodeId>? Late { get; init; }

    /// <summary>The dimension that holds the features; <c>null</c> while it is open.</summary>
    public int? Axis { get; set; }

    /// <summary>Whether nothing is known of it, so that its arrangement does not matter either.</summary>
    public bool IsOpaque { get; init; }

    /// <summary>Where the features are as long as no layer tells: behind the batch.</summary>
    public int AxisOrUsual => Axis ?? UsualAxis(Tensor.Shape.Length);

    public static int UsualAxis(int dimensions) => dimensions <= 1 ? 0 : 1;

    /// <summary>Features or channels; <c>null</c> for a single number.</summary>
    public static int? Width(long[] shape, int axis) => axis < shape.Length ? (int)shape[axis] : null;

    /// <summary>All sizes but those of the batch and the features.</summary>
    public static Sizes Spatial(long[] shape, int axis) => Sizes.Of([.. shape.Where((_, d) => d != 0 && d != axis).Select(size => (int?)size)]);
}
