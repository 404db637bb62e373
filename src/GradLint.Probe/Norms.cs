using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>Euclidean norms that stay on the device.</summary>
internal static class Norms
{
    private const long LongestRow = 8192;

    /// <summary>
    /// In double precision: squares of float32 values below 1e-22 are zero in float32. Takes memory for a copy of <paramref name="tensor"/> in
    /// double precision.
    /// </summary>
    public static Tensor Exact(Tensor tensor)
    {
        var wide = tensor.to_type(WidestTypeOn(tensor.device));
        // The norm of a sparse tensor adds up what several entries say of one element; to make it dense could take gigabytes.
        return wide.is_sparse ? wide.norm() : linalg.vector_norm(wide, 2);
    }

    /// <summary>
    /// In the tensor's own precision, with no memory but the rows' norms; one element. Zero where every element is below about 1e-22 in float32;
    /// half precision is widened first, because its squares leave its range at 256.
    /// </summary>
    /// <remarks>
    /// Row by row, then over the rows: libtorch adds up contiguous rows faster than a whole tensor, and the sums stay short, which keeps
    /// float32 within 1e-6 (a sum of two million squares in one go is off by 4e-5; measured with 1.13 on a CPU).
    /// </remarks>
    public static Tensor Lean(Tensor tensor)
    {
        if (tensor.is_sparse)
            return tensor.norm();
        var wide = Widened(tensor);
        if (wide.dim() < 2)
            return linalg.vector_norm(wide.dim() == 0 ? wide.reshape(1) : wide, 2, [0], keepdim: true);
        long[] shape = wide.shape;
        int first = 1;
        while (first < shape.Length - 1 && shape.AsSpan(first).ToArray().Aggregate(1L, (product, size) => product * size) > LongestRow)
            first++;
        var rows = linalg.vector_norm(wide, 2, [.. Enumerable.Range(first, shape.Length - first).Select(d => (long)d)]);
        return linalg.vector_norm(rows, 2, [.. Enumerable.Range(0, first).Select(d => (long)d)], keepdim: true);
    }

    /// <summary>
    /// How many indices of <paramref name="dimension"/> have nothing but zeros over all other dimensions; one element. Exact, also where squares
    /// are zero.
    /// </summary>
    public static Tensor Zeros(Tensor tensor, int dimension)
    {
        var dense = Widened(tensor);
        long[] others = [.. Enumerable.Range(0, (int)dense.dim()).Where(d => d != dimension).Select(d => (long)d)];
        // The largest and the smallest: no copy of the absolute values.
        var zero = others.Length == 0 ? dense == 0 : (dense.amax(others) == 0).logical_and(dense.amin(others) == 0);
        return zero.sum(0, keepdim: true);
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

    /// <summary>Half precision as single precision; anything else as it is.</summary>
    public static Tensor Widened(Tensor tensor)
    {
        var dense = Dense(tensor);
        return dense.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? dense.to_type(ScalarType.Float32) : dense;
    }

    public static Tensor Dense(Tensor tensor) => tensor.is_sparse ? tensor.to_dense() : tensor;
}
