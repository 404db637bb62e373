using GradLint.SignalPropagation;

namespace GradLint.Probe.Live;

// The elements of candidates, by their row-major index.
internal sealed partial class FunctionalSearch
{
    private Candidate PermutedElements(TracedTensor source, int[] order)
    {
        long[] strides = Strides(source.Shape);
        long[] shape = [.. order.Select(d => source.Shape[d])];
        return (long i, out double value) =>
        {
            long at = 0;
            for (int d = shape.Length - 1; d >= 0; d--)
            {
                at += i % shape[d] * strides[order[d]];
                i /= shape[d];
            }

            return Kept(source, at, out value);
        };
    }

    private Candidate SoftmaxElements(TracedTensor source, int dimension, bool logarithm)
    {
        long stride = Strides(source.Shape)[dimension];
        long size = source.Shape[dimension];
        return (long i, out double value) =>
        {
            long start = i - i / stride % size * stride;
            double largest = double.NegativeInfinity, sum = 0;
            value = 0;
            for (long k = 0; k < size; k++)
            {
                if (!Kept(source, start + k * stride, out double x))
                    return false;
                largest = Math.Max(largest, x);
            }

            for (long k = 0; k < size; k++)
                sum += Math.Exp(source.Elements[start + k * stride] - largest);
            value = source.Elements[i] - largest - Math.Log(sum);
            value = logarithm ? value : Math.Exp(value);
            return true;
        };
    }

    private Candidate PooledElements(TracedTensor source, long[] pooled, int window, int stride, int padding, PoolingKind kind, Activation inner)
    {
        long[] strides = Strides(source.Shape);
        return (long i, out double value) =>
        {
            var at = new long[pooled.Length];
            for (int d = pooled.Length - 1; d >= 0; d--)
            {
                at[d] = i % pooled[d];
                i /= pooled[d];
            }

            double sum = 0, largest = double.NegativeInfinity;
            long taps = (long)Math.Pow(window, pooled.Length - 2);
            value = 0;
            for (long tap = 0; tap < taps; tap++)
            {
                long index = at[0] * strides[0] + at[1] * strides[1], rest = tap;
                bool inside = true;
                for (int d = pooled.Length - 1; d >= 2; d--)
                {
                    long position = at[d] * stride - padding + rest % window;
                    rest /= window;
                    inside &= position >= 0 && position < source.Shape[d];
                    index += position * strides[d];
                }

                if (!inside)
                    continue;
                if (!Kept(source, index, out double x))
                    return false;
                x = ElementwiseFunctions.Value(inner, x);
                sum += x;
                largest = Math.Max(largest, x);
            }

            value = kind == PoolingKind.Max ? largest : sum / taps;
            return true;
        };
    }

    private Candidate ReducedElements(TracedTensor source, int axis, ReductionKind kind, Activation inner)
    {
        long[] shape = source.Shape;
        long stride = Strides(shape)[axis], features = shape[axis], sample = shape.Skip(1).Aggregate(1L, (product, size) => product * size);
        long positions = sample / features;
        return (long i, out double value) =>
        {
            double sum = 0, largest = double.NegativeInfinity;
            value = 0;
            for (long p = 0; p < positions; p++)
            {
                // The positions before the features' dimension step over it as a whole.
                long at = i / features * sample + p / stride * stride * features + i % features * stride + p % stride;
                if (!Kept(source, at, out double x))
                    return false;
                x = ElementwiseFunctions.Value(inner, x);
                sum += x;
                largest = Math.Max(largest, x);
            }

            value = kind switch { ReductionKind.Max => largest, ReductionKind.Sum => sum, _ => sum / positions };
            return true;
        };
    }

    private static long[] Strides(long[] shape)
    {
        var strides = new long[shape.Length];
        long stride = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= shape[d];
        }

        return strides;
    }

    /// <summary>Every order of the dimensions but the first one, the batch's change of place last.</summary>
    private static IEnumerable<int[]> Orders(int dimensions) =>
        Permutations([.. Enumerable.Range(0, dimensions)]).Where(o => !o.SequenceEqual(Enumerable.Range(0, dimensions))).OrderBy(o => o[0] == 0 ? 0 : 1);

    private static IEnumerable<int[]> Permutations(int[] items) => items.Length <= 1
        ? [items]
        : items.SelectMany(first => Permutations([.. items.Where(i => i != first)]).Select(rest => (int[])[first, .. rest]));
}
