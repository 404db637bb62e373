using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>Euclidean norms that stay on the device.</summary>
internal static class Norms
{
    /// <summary>
    /// In double precision: squares of float32 values below 1e-22 are zero in float32. Takes memory for a copy of <paramref name="tensor"/> in
    /// double precision.
    /// </summary>
    public static Tensor Exact(Tensor tensor)
    {
        var dense = Dense(tensor);
        return linalg.vector_norm(dense.to_type(WidestTypeOn(dense.device)), 2);
    }

    /// <summary>
    /// In the tensor's own precision, with no memory but the result's. Zero where every element is below about 1e-22 in float32;
    /// half precision is widened first, because its squares leave its range at 256.
    /// </summary>
    public static Tensor Lean(Tensor tensor) => linalg.vector_norm(Widened(tensor), 2);

    /// <summary>The largest absolute value for each index of <paramref name="dimension"/>, over all other dimensions. Exact, also where squares are zero.</summary>
    public static Tensor PeaksAlong(Tensor tensor, long dimension)
    {
        var dense = Dense(tensor).abs();
        long kept = dimension < 0 ? dimension + dense.dim() : dimension;
        long[] others = [.. Enumerable.Range(0, (int)dense.dim()).Select(d => (long)d).Where(d => d != kept)];
        return others.Length == 0 ? dense : dense.amax(others);
    }

    /// <summary>One norm for each index of <paramref name="dimension"/>, over all other dimensions.</summary>
    /// <remarks>
    /// First over what lies behind the dimension, then over what lies before it: libtorch reduces contiguous memory some 200 times
    /// faster than the dimensions around another one (measured with 1.13 on a CPU, 8 x 64 x 32 x 32).
    /// </remarks>
    public static Tensor Along(Tensor tensor, int dimension)
    {
        var dense = Widened(tensor);
        long[] behind = [.. Enumerable.Range(0, (int)dense.dim()).Select(d => (long)d).Where(d => d > dimension)];
        long[] before = [.. Enumerable.Range(0, dimension).Select(d => (long)d)];
        var norms = behind.Length == 0 ? dense.abs() : linalg.vector_norm(dense, 2, behind);
        return before.Length == 0 ? norms : linalg.vector_norm(norms, 2, before);
    }

    /// <summary>Root mean square of several tensors together, from each one's number of elements and norm.</summary>
    public static double Rms(IEnumerable<(long Count, double Norm)> parts)
    {
        double squares = 0;
        long count = 0;
        foreach (var part in parts)
        {
            squares += part.Norm * part.Norm;
            count += part.Count;
        }

        return count == 0 ? double.NaN : Math.Sqrt(squares / count);
    }

    // Apple's GPU has no float64.
    public static ScalarType WidestTypeOn(Device device) => device.type == DeviceType.MPS ? ScalarType.Float32 : ScalarType.Float64;

    private static Tensor Widened(Tensor tensor)
    {
        var dense = Dense(tensor);
        return dense.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? dense.to_type(ScalarType.Float32) : dense;
    }

    private static Tensor Dense(Tensor tensor) => tensor.is_sparse ? tensor.to_dense() : tensor;
}
