using static TorchSharp.torch;

namespace GradLint.Probe.Live;

/// <summary>
/// A tensor as it was at one moment of the forward pass: its shape and its first elements in row-major order. They are a copy, because
/// an activation that works in place overwrites what it reads, and <c>Sequential</c> disposes what it passes on.
/// </summary>
internal sealed class TracedTensor
{
    /// <summary>How many elements are kept where a tensor has several samples: as many whole samples as fit, at least one.</summary>
    public const long Kept = 16384;

    // One sample of 64 x 64 x 64 is still kept whole: pooling windows and concatenated channels lie far apart.
    private const long KeptOfOneSample = 16 * Kept;

    private TracedTensor(Tensor original, long[] shape, ScalarType type, bool isData, Tensor kept, Tensor? norms)
    {
        Original = original;
        Shape = shape;
        Type = type;
        IsData = isData;
        Pending = norms is null ? [kept] : [kept, norms];
    }

    /// <summary>The object that the model holds. It may be disposed by now: only its identity is of use.</summary>
    public object Original { get; }

    /// <summary>All sizes; the first is the batch unless the tensor has one dimension only.</summary>
    public long[] Shape { get; }

    public ScalarType Type { get; }

    /// <summary>Whether no gradient goes through it to a layer: the batch, what is computed from it alone, a parameter, a detached value.</summary>
    public bool IsData { get; }

    /// <summary>What still waits on the device: the kept elements, and for data its two norms.</summary>
    public IReadOnlyList<Tensor> Pending { get; private set; }

    /// <summary>The kept elements: the first of the tensor in row-major order.</summary>
    public double[] Elements { get; private set; } = [];

    /// <summary>Mean square of an element; known for data of a floating-point type only.</summary>
    public double? SecondMoment { get; private set; }

    /// <summary>Mean cosine between two samples of the batch, 0 for a single sample; known where the mean square is.</summary>
    public double? Correlation { get; private set; }

    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    public bool IsFinite { get; private set; }

    /// <summary>Root mean square of the kept elements.</summary>
    public double Rms { get; private set; }

    /// <summary>Whether all kept elements are equal: then no function of anything can be told from another.</summary>
    public bool IsConstant { get; private set; }

    /// <summary>By how much two results of the same function may differ, relative to their size.</summary>
    public double Tolerance => Type switch
    {
        ScalarType.Float64 => 1e-8,
        ScalarType.Float16 => 4e-3,
        ScalarType.BFloat16 => 3e-2,
        _ => 1e-5,
    };

    /// <summary>Copies what is kept of <paramref name="tensor"/>; it stays on its device until <see cref="Fill"/>.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="entersModel">Whether it is an argument of the model: data, wherever it comes from.</param>
    public static TracedTensor Of(Tensor tensor, bool entersModel)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        long[] shape = tensor.shape;
        var value = tensor.detach();
        bool isData = entersModel || !tensor.requires_grad || tensor.is_leaf;
        bool hasNorms = isData && is_floating_point(tensor.dtype) && tensor.numel() > 0;
        return new TracedTensor(tensor, shape, tensor.dtype, isData,
            First(value, shape).clone().DetachFromDisposeScope(), hasNorms ? Norms(value).DetachFromDisposeScope() : null);
    }

    /// <summary>Takes over what came from the device, in the order of <see cref="Pending"/>.</summary>
    public void Fill(ReadOnlySpan<double> host)
    {
        int kept = (int)Pending[0].numel();
        Elements = host[..kept].ToArray();
        if (Pending.Count > 1)
        {
            var norms = host[kept..];
            (double all, double ofSum) = (norms[0] * norms[0], norms[1] * norms[1]);
            double samples = Shape.Length > 1 ? Shape[0] : 1;
            SecondMoment = all / Count;
            // |Σx|² = Σ|x|² + Σ of the products of all ordered pairs.
            Correlation = samples > 1 && all > 0 ? Math.Clamp((ofSum - all) / ((samples - 1) * all), -1, 1) : 0;
        }

        double squares = 0;
        IsFinite = true;
        IsConstant = true;
        foreach (double element in Elements)
        {
            squares += element * element;
            IsFinite &= double.IsFinite(element);
            IsConstant &= element == Elements[0];
        }

        Rms = Elements.Length == 0 ? 0 : Math.Sqrt(squares / Elements.Length);
        Release();
    }

    /// <summary>Frees what waits on the device.</summary>
    public void Release()
    {
        foreach (var tensor in Pending)
            tensor.Dispose();
        Pending = [];
    }

    private static Tensor First(Tensor value, long[] shape)
    {
        long count = value.numel();
        if (shape.Length == 0 || count <= Kept)
            return value.reshape(-1);
        long sample = count / shape[0];
        return sample <= KeptOfOneSample
            ? value.narrow(0, 0, Math.Clamp(Kept / sample, 1, shape[0])).reshape(-1)
            : value.narrow(0, 0, 1).reshape(-1).narrow(0, 0, Kept);
    }

    /// <summary>Norm of all elements, and norm of the sum over the samples.</summary>
    private static Tensor Norms(Tensor value)
    {
        var wide = value.dtype == ScalarType.Float64 ? value : value.to_type(ScalarType.Float32);
        var sum = value.dim() > 1 ? wide.sum(dim: 0) : wide;
        return stack([linalg.vector_norm(wide, 2), linalg.vector_norm(sum, 2)]);
    }
}
