using GradLint.SignalPropagation;

namespace GradLint.Probe.Live;

// Pooling, and reductions over the positions.
internal sealed partial class FunctionalSearch
{
    private Derivation? Pooled(IEnumerable<Source> sources)
    {
        foreach (var source in sources.Where(s => s.Tensor.Shape.Length is >= 3 and <= 5 && s.Tensor.Count > Count && s.Tensor.Shape[0] == Shape[0] && s.Tensor.Shape[1] <= Count / Shape[0]))
        {
            int dimensions = source.Tensor.Shape.Length - 2;
            foreach (var (window, stride, padding) in Windows(source.Tensor.Shape.Skip(2).Min()))
            {
                long[] pooled = [.. source.Tensor.Shape.Select((size, d) => d < 2 ? size : (size + 2 * padding - window) / stride + 1)];
                if (pooled.Aggregate(1L, (product, size) => product * size) != Count || !(Shape.SequenceEqual(pooled) || Shape.Length == 2))
                    continue;
                foreach (var kind in new[] { PoolingKind.Max, PoolingKind.Average })
                {
                    // max and a monotone function commute, and the function is cheaper to tell behind the window.
                    var candidate = PooledElements(source.Tensor, pooled, window, stride, padding, kind, Activation.Identity);
                    var function = Matches(candidate) ? Activation.Identity : kind == PoolingKind.Max ? Activating(candidate, null) : null;
                    if (function is null && kind == PoolingKind.Average)
                        function = s_usual.FirstOrDefault(f => Matches(PooledElements(source.Tensor, pooled, window, stride, padding, kind, f)));
                    if (function is null)
                        continue;
                    var operation = new Operation.Pooling(kind, Sizes.Square(dimensions, window), Sizes.Square(dimensions, stride), Sizes.Square(dimensions, padding));
                    return WithShape(new Derivation.Applied(operation, 1, Derivation.Activated(source.Value, function)), pooled);
                }
            }
        }

        return null;
    }

    private static IEnumerable<(int Window, int Stride, int Padding)> Windows(long smallest)
    {
        for (int size = 2; size <= Math.Min(8, smallest); size++)
            yield return (size, size, 0);
        if (smallest >= 3)
        {
            yield return (3, 2, 1);
            yield return (3, 2, 0);
            yield return (3, 1, 1);
            yield return (3, 1, 0);
            yield return (2, 1, 0);
        }
    }

    /// <summary>Mean, sum or maximum over all positions.</summary>
    private Derivation? Reduced(IEnumerable<Source> sources)
    {
        foreach (var source in sources.Where(s => s.Tensor.Shape.Length >= 3 && s.Tensor.Shape[0] == Shape[0] && s.Tensor.Count > Count))
        {
            long[] shape = source.Tensor.Shape;
            foreach (int axis in source.Axis is { } known ? [known] : new[] { 1, shape.Length - 1 })
            {
                if (shape[0] * shape[axis] != Count)
                    continue;
                foreach (var kind in new[] { ReductionKind.Mean, ReductionKind.Max, ReductionKind.Sum })
                {
                    foreach (var function in s_usual)
                    {
                        if (!Matches(ReducedElements(source.Tensor, axis, kind, function)))
                            continue;
                        return new Derivation.Applied(new Operation.Reduction(kind), axis, Derivation.Activated(source.Value, function));
                    }
                }
            }
        }

        return null;
    }
}
