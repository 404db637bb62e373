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

    /// <summary>How many elements are kept of a tensor once a trace holds very many: enough to tell a function, not a pooling window.</summary>
    public const long KeptOfMany = 256;

    // A sample up to this size is kept whole, because pooling windows and concatenated channels lie far apart; of a larger one its first channels.
    private const long KeptOfOneSample = 8 * Kept;

    private TracedTensor(object original, long[] shape, ScalarType type, bool isData, IReadOnlyList<Tensor> pending, double[] elements)
    {
        Original = original;
        Shape = shape;
        Type = type;
        IsData = isData;
        Pending = pending;
        Elements = elements;
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
    public double[] Elements { get; private set; }

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

    /// <summary>A value between two operations that was not seen itself, but follows from values that were.</summary>
    /// <param name="like">A tensor with its sizes.</param>
    /// <param name="elements">Its first elements.</param>
    public static TracedTensor Computed(TracedTensor like, double[] elements)
    {
        var computed = new TracedTensor(new object(), like.Shape, like.Type, isData: false, [], elements);
        computed.Describe();
        return computed;
    }

    /// <summary>Copies what is kept of <paramref name="tensor"/>; it stays on its device until <see cref="Fill"/>.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="entersModel">Whether it is an argument of the model: data, wherever it comes from.</param>
    /// <param name="isShort">Whether to keep no more than <see cref="KeptOfMany"/> elements.</param>
    public static TracedTensor Of(Tensor tensor, bool entersModel, bool isShort)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        long[] shape = tensor.shape;
        var value = tensor.detach();
        bool isData = entersModel || !tensor.requires_grad || tensor.is_leaf;
        bool hasNorms = isData && is_floating_point(tensor.dtype) && tensor.numel() > 0;
        var kept = First(value, shape, isShort).clone().DetachFromDisposeScope();
        return new TracedTensor(tensor, shape, tensor.dtype, isData, hasNorms ? [kept, Norms(value).DetachFromDisposeScope()] : [kept], []);
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

        Describe();
        Release();
    }

    /// <summary>Frees what waits on the device.</summary>
    public void Release()
    {
        foreach (var tensor in Pending)
            tensor.Dispose();
        Pending = [];
    }

    private void Describe()
    {
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
    }

    private static Tensor First(Tensor value, long[] shape, bool isShort)
    {
        long count = value.numel();
        if (count <= (isShort ? KeptOfMany : Kept))
            return value.reshape(-1);
        long sample = count / shape[0];
        if (!isShort && sample <= KeptOfOneSample)
            return value.narrow(0, 0, Math.Clamp(Kept / sample, 1, shape[0])).reshape(-1);
        long channel = shape.Skip(2).Aggregate(1L, (product, size) => product * size);
        long kept = isShort ? KeptOfMany : Math.Clamp(16 * channel, Kept, KeptOfOneSample);
        return value.narrow(0, 0, Math.Min(shape[0], kept / sample + 1)).reshape(-1).narrow(0, 0, kept);
    }

    /// <summary>Norm of all elements, and norm of the sum over the samples.</summary>
    private static Tensor Norms(Tensor value)
    {
        var wide = value.dtype == ScalarType.Float64 ? value : value.to_type(ScalarType.Float32);
        var sum = value.dim() > 1 ? wide.sum(dim: 0) : wide;
        return stack([linalg.vector_norm(wide, 2), linalg.vector_norm(sum, 2)]);
    }
}
