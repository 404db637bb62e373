using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>Takes numbers off tensors: where the host has their memory, in one pass over it, and on the device otherwise, for one copy of all.</summary>
/// <param name="readsHostMemory">Whether a tensor of the CPU is read where it lies; otherwise it is treated as one of another device.</param>
internal sealed class Meter(bool readsHostMemory)
{
    /// <summary>The Euclidean norm.</summary>
    /// <param name="tensor">Any shape.</param>
    /// <param name="exact">Whether the device should take squares in double precision, at the price of a copy.</param>
    public Number Norm(Tensor tensor, bool exact)
    {
        // No ?: between a number and a tensor: TorchSharp converts the number to a tensor.
        if (Reads(tensor))
            return HostMemory.Norm(tensor);
        return exact ? Norms.Exact(tensor) : Norms.Lean(tensor);
    }

    /// <summary>The Euclidean norm of each, taken from the last to the first: an optimizer begins with the first, and finds it in the cache.</summary>
    public Number[] NormOfEach(IReadOnlyList<(Tensor Tensor, bool Exact)> tensors)
    {
        var norms = new Number[tensors.Count];
        for (int i = norms.Length - 1; i >= 0; i--)
            norms[i] = Norm(tensors[i].Tensor, tensors[i].Exact);
        return norms;
    }

    /// <summary>The Euclidean norm of many small tensors together: on the device one copy of them all, and not a call for each.</summary>
    public Number NormTogether(IReadOnlyList<Tensor> tensors)
    {
        if (tensors.All(Reads))
            return Math.Sqrt(tensors.Select(HostMemory.Norm).Sum(norm => norm * norm));
        return Norms.Lean(cat([.. DeviceNumbers.OnOneDevice([.. tensors.Select(t => Norms.Dense(t)).Select(t => t.dim() == 1 ? t : t.reshape(-1))])]));
    }

    /// <summary>The Euclidean norm, and how many indices of <paramref name="dimension"/> have nothing but zeros over all other dimensions.</summary>
    public (Number Norm, Number Zeros) NormAndZeros(Tensor tensor, int dimension, bool exact)
    {
        if (!Reads(tensor))
            return (Norm(tensor, exact), Norms.Zeros(tensor, dimension));
        var (norm, zeros) = HostMemory.NormAndZeros(tensor, dimension);
        return (norm, zeros);
    }

    /// <summary>The share of elements that are at <paramref name="low"/> or below, or at <paramref name="high"/> or above.</summary>
    public Number ShareBeyond(Tensor tensor, double low, double high)
    {
        if (Reads(tensor))
            return HostMemory.ShareBeyond(tensor, (float)low, (float)high);
        return 1 - (tensor > low).logical_and(tensor < high).to_type(ScalarType.Float32).mean();
    }

    /// <summary>The sum of the elements.</summary>
    public Number Sum(Tensor tensor)
    {
        if (Reads(tensor))
            return HostMemory.Sum(tensor);
        return tensor.detach().sum();
    }

    /// <summary>Whether a tensor is read where it lies.</summary>
    public bool Reads(Tensor tensor) => readsHostMemory && HostMemory.Holds(tensor);
}
