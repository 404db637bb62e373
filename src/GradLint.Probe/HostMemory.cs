using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>
/// Reads float32 tensors of the CPU where they lie: one pass over the memory, no copy, and sums as good as in double precision, in which the
/// square of the smallest float32 is no zero.
/// </summary>
internal static class HostMemory
{
    /// <summary>Elements from which on several threads share a tensor; 4 MB are read in about 0.2 ms by one.</summary>
    private const int WorthSharing = 1 << 20;

    /// <summary>Elements that one thread takes at a time.</summary>
    private const int Share = 1 << 17;

    /// <summary>Elements whose squares are added in single precision.</summary>
    private const int Block = 1024;

    /// <summary>Sums of a block between which no square that counts has left the range of float32: what is lost below its smallest is 1e-11 of the least sum.</summary>
    private const float LeastSure = 1e-24f, MostSure = 1e38f;

    /// <summary>Whether <paramref name="tensor"/> can be read here; half precision and tensors that are not contiguous through a copy.</summary>
    public static bool Holds(Tensor tensor) =>
        tensor.device_type == DeviceType.CPU && !tensor.is_sparse && tensor.dtype is ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16
        && tensor.numel() <= int.MaxValue / sizeof(float);

    /// <summary>The Euclidean norm.</summary>
    public static double Norm(Tensor tensor)
    {
        using var own = Readable(tensor);
        var readable = own ?? tensor;
        int count = (int)readable.numel();
        if (count < WorthSharing)
            return Math.Sqrt(SumOfSquares(Values(readable)));
        double[] sums = new double[(count + Share - 1) / Share];
        Parallel.For(0, sums.Length, i => sums[i] = SumOfSquares(Values(readable)[(i * Share)..Math.Min(count, (i + 1) * Share)]));
        return Math.Sqrt(sums.Sum());
    }

    /// <summary>The Euclidean norm, and how many indices of <paramref name="dimension"/> have nothing but zeros over all other dimensions.</summary>
    public static (double Norm, int Zeros) NormAndZeros(Tensor tensor, int dimension)
    {
        using var own = Readable(tensor);
        var readable = own ?? tensor;
        long[] shape = readable.shape;
        int units = shape.Length == 0 ? 1 : (int)shape[dimension], count = (int)readable.numel();
        if (count == 0)
            return (0, units);
        int inner = 1;
        for (int d = dimension + 1; d < shape.Length; d++)
            inner *= (int)shape[d];
        int slice = units * inner, slices = count / slice, atOnce = count < WorthSharing ? slices : Math.Max(1, Share / slice);
        bool[] alive = new bool[units];
        double[] sums = new double[(slices + atOnce - 1) / atOnce];
        if (sums.Length == 1)
            Read(0);
        else
            Parallel.For(0, sums.Length, Read);
        return (Math.Sqrt(sums.Sum()), alive.Count(a => !a));

        void Read(int i)
        {
            var values = Values(readable)[(i * atOnce * slice)..Math.Min(count, (i + 1) * atOnce * slice)];
            sums[i] = inner == 1 ? SumOfSquares(values, alive) : SumOfSquares(values, alive, inner);
        }
    }

    /// <summary>The Euclidean norm of the difference of two vectors of one length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Distance(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var lefts = MemoryMarshal.Cast<float, Vector<float>>(left);
        var rights = MemoryMarshal.Cast<float, Vector<float>>(right)[..lefts.Length];
        Vector<double> low = default, high = default;
        for (int i = 0; i < lefts.Length; i++)
        {
            Vector.Widen(lefts[i] - rights[i], out var first, out var second);
            low += first * first;
            high += second * second;
        }

        double sum = Vector.Sum(low + high);
        for (int i = lefts.Length * Vector<float>.Count; i < left.Length; i++)
            sum += ((double)left[i] - right[i]) * ((double)left[i] - right[i]);
        return Math.Sqrt(sum);
    }

    /// <summary>The Euclidean norm.</summary>
    public static double Norm(ReadOnlySpan<float> values) => Math.Sqrt(ExactSumOfSquares(values));

    /// <summary>The sum of the elements.</summary>
    public static double Sum(Tensor tensor)
    {
        using var own = Readable(tensor);
        double sum = 0;
        foreach (float value in Values(own ?? tensor))
            sum += value;
        return sum;
    }

    /// <summary>The share of elements that are at <paramref name="low"/> or below, or at <paramref name="high"/> or above.</summary>
    public static double ShareBeyond(Tensor tensor, float low, float high)
    {
        using var own = Readable(tensor);
        return (double)CountBeyond(Values(own ?? tensor), low, high) / Math.Max(1, tensor.numel());
    }

    /// <summary>A float32 copy in row-major order where the tensor itself is none; <c>null</c> where it is.</summary>
    private static Tensor? Readable(Tensor tensor)
    {
        if (tensor.dtype == ScalarType.Float32 && tensor.is_contiguous())
            return null;
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return tensor.to_type(ScalarType.Float32).contiguous().alias().DetachFromDisposeScope();
    }

    private static ReadOnlySpan<float> Values(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>
    /// Blocks in single precision, which goes twice as fast, and their sums in double: 32 additions in a row cost no digit that counts. A
    /// block whose squares may have left the range of float32, or are NaN, is taken again in double precision.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe double SumOfSquares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        int at = 0;
        fixed (float* start = values)
        {
            for (; at <= values.Length - Block; at += Block)
            {
                // Four sums at a time: each waits for its own last addition only. The next block is on its way from memory meanwhile.
                Vector<float> a = default, b = default, c = default, d = default;
                float* end = start + at + Block;
                for (float* next = start + at; next < end; next += 4 * Vector<float>.Count)
                {
                    if (Sse.IsSupported)
                    {
                        Sse.Prefetch0(next + Block);
                        Sse.Prefetch0(next + Block + (2 * Vector<float>.Count));
                    }

                    var vectors = (Vector<float>*)next;
                    a += vectors[0] * vectors[0];
                    b += vectors[1] * vectors[1];
                    c += vectors[2] * vectors[2];
                    d += vectors[3] * vectors[3];
                }

                float part = Vector.Sum(a + b + c + d);
                sum += part is > LeastSure and < MostSure ? part : ExactSumOfSquares(values.Slice(at, Block));
            }
        }

        return sum + ExactSumOfSquares(values[at..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double ExactSumOfSquares(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<double> low = default, high = default;
        foreach (var vector in vectors)
        {
            Vector.Widen(vector, out var first, out var second);
            low += first * first;
            high += second * second;
        }

        double sum = Vector.Sum(low + high);
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
            sum += (double)value * value;
        return sum;
    }

    /// <summary>
    /// Rows of units; a unit is alive where a row has something other than zero. In a sound layer a few rows show it of every unit, and
    /// the rest need only be summed.
    /// </summary>
    private static double SumOfSquares(ReadOnlySpan<float> rows, bool[] alive)
    {
        const int AtOnce = 16;
        int units = alive.Length, at = 0;
        int[] seen = new int[units];
        double sum = 0;
        while (at < rows.Length && !Array.TrueForAll(alive, a => a))
        {
            var some = rows[at..Math.Min(rows.Length, at + (AtOnce * units))];
            at += some.Length;
            sum += SumOfSquares(some);
            for (; !some.IsEmpty; some = some[units..])
                Mark(some[..units], seen);
            for (int unit = 0; unit < units; unit++)
            {
                // The sign of a zero is no gradient.
                if ((seen[unit] & int.MaxValue) != 0)
                    alive[unit] = true;
            }
        }

        return sum + SumOfSquares(rows[at..]);
    }

    /// <summary>Adds the bits of a row to those that were seen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mark(ReadOnlySpan<float> row, Span<int> seen)
    {
        var bits = MemoryMarshal.Cast<float, int>(row);
        var vectors = MemoryMarshal.Cast<int, Vector<int>>(bits);
        var marks = MemoryMarshal.Cast<int, Vector<int>>(seen)[..vectors.Length];
        for (int i = 0; i < vectors.Length; i++)
            marks[i] |= vectors[i];
        for (int i = vectors.Length * Vector<int>.Count; i < bits.Length; i++)
            seen[i] |= bits[i];
    }

    /// <summary>Units of <paramref name="inner"/> elements each.</summary>
    private static double SumOfSquares(ReadOnlySpan<float> values, bool[] alive, int inner)
    {
        double sum = 0;
        for (int start = 0, unit = 0; start < values.Length; start += inner, unit = unit + 1 == alive.Length ? 0 : unit + 1)
        {
            double part = SumOfSquares(values.Slice(start, inner));
            sum += part;
            // The square of no float32 but zero is zero in double precision; NaN is not zero either.
            if (part != 0)
                alive[unit] = true;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long CountBeyond(ReadOnlySpan<float> values, float low, float high)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<float> lows = new(low), highs = new(high);
        var counts = Vector<int>.Zero;
        foreach (var vector in vectors)
            counts -= Vector.LessThanOrEqual(vector, lows) | Vector.GreaterThanOrEqual(vector, highs);
        long count = Vector.Sum(counts);
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
            count += value <= low || value >= high ? 1 : 0;
        return count;
    }
}
