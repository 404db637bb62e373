using GradLint.SignalPropagation;

namespace GradLint.Probe.Live;

// One value in another arrangement, or a function of it.
internal sealed partial class FunctionalSearch
{
    /// <summary>Another shape, or other dimensions first: the very same numbers.</summary>
    private Derivation? Arranged()
    {
        foreach (var source in _sources.Where(s => s.Tensor.Count == Count))
        {
            if (IsSame(source.Tensor.Elements))
                return WithShape(new Derivation.From(source), source.Tensor.Shape);
            if (source.Tensor.Shape.Length is >= 3 and <= 5 && Shape.Length == source.Tensor.Shape.Length)
            {
                foreach (int[] order in Orders(Shape.Length))
                {
                    if (order.Select((from, d) => source.Tensor.Shape[from] == Shape[d]).All(fits => fits) && Matches(PermutedElements(source.Tensor, order), exact: true))
                        return new Derivation.Permuted(new Derivation.From(source), order);
                }
            }
        }

        return null;
    }

    /// <summary>One position: <c>x[.., -1]</c>, a class token.</summary>
    private Derivation? Selected()
    {
        foreach (var source in _sources.Where(s => s.Tensor.Shape.Length == 3 && Shape.Length == 2))
        {
            long[] shape = source.Tensor.Shape;
            foreach (int dimension in new[] { 1, 0, 2 })
            {
                long[] rest = [.. shape.Where((_, d) => d != dimension)];
                if (!rest.SequenceEqual(Shape) || dimension == source.Axis)
                    continue;
                long inner = shape.Skip(dimension + 1).Aggregate(1L, (product, size) => product * size);
                for (long position = 0; position < shape[dimension]; position++)
                {
                    long at = position;
                    if ((Matches(Picked, exact: true) ? Activation.Identity : Activating(Picked, null)) is { } function)
                    {
                        return new Derivation.Applied(new Operation.Reduction(ReductionKind.Select), dimension == 2 ? 1 : 2,
                            Derivation.Activated(new Derivation.From(source), function));
                    }

                    bool Picked(long i, out double value) => Kept(source.Tensor, (i / inner * shape[dimension] + at) * inner + i % inner, out value);
                }
            }
        }

        return null;
    }

    private Derivation? Elementwise()
    {
        foreach (var source in _sources.Where(s => s.Tensor.Count == Count))
        {
            if (Activating((long i, out double x) => Kept(source.Tensor, i, out x), source.Tensor) is { } function)
                return WithShape(Derivation.Activated(new Derivation.From(source), function), source.Tensor.Shape);
        }

        return null;
    }

    private Derivation? Softmax()
    {
        foreach (var source in _sources.Where(s => s.Tensor.Shape.SequenceEqual(Shape) && Shape.Length >= 2))
        {
            foreach (int dimension in new[] { Shape.Length - 1, 1 }.Distinct())
            {
                foreach (var function in new[] { Activation.Softmax, Activation.LogSoftmax })
                {
                    if (Matches(SoftmaxElements(source.Tensor, dimension, logarithm: function.Kind == ActivationKind.LogSoftmax)))
                        return new Derivation.Applied(new Operation.Nonlinearity(function), dimension, new Derivation.From(source));
                }
            }
        }

        return null;
    }

    private Derivation? Scaled()
    {
        foreach (var source in _sources.Where(s => s.Tensor.Count == Count))
        {
            int at = IndexOfLargest(source.Tensor.Elements);
            if (at < 0)
                continue;
            foreach (var function in new[] { Activation.Identity, Activation.ReLU, Activation.GELU, Activation.SiLU, Activation.Sigmoid, Activation.Tanh })
            {
                double factor = Rounded(_elements[at] / ElementwiseFunctions.Value(function, source.Tensor.Elements[at]));
                if (factor is not 0 && double.IsFinite(factor) && Matches(Multiple))
                    return WithShape(Derivation.Scaled(Derivation.Activated(new Derivation.From(source), function), factor), source.Tensor.Shape);

                bool Multiple(long i, out double value)
                {
                    bool kept = Kept(source.Tensor, i, out double x);
                    value = factor * ElementwiseFunctions.Value(function, x);
                    return kept;
                }
            }
        }

        return null;
    }

    /// <summary>Dropout behind a function: each element is zero, or 1/(1 − p) times the function's.</summary>
    private Derivation? Dropped()
    {
        foreach (var source in _sources.Where(s => s.Tensor.Count == Count))
        {
            foreach (var function in ElementwiseFunctions.All.Prepend(Activation.Identity))
            {
                if (DroppedShare(source.Tensor, function) is { } probability)
                {
                    var dropout = new Derivation.Applied(new Operation.Dropout(probability, DropoutKind.Element), null, Derivation.Activated(new Derivation.From(source), function));
                    return WithShape(dropout, source.Tensor.Shape);
                }
            }
        }

        return null;
    }

    private double? DroppedShare(TracedTensor source, Activation function)
    {
        double factor = double.NaN;
        // Negative and positive ones: twice a ReLU also drops half of all elements, but only negative ones.
        var dropped = new long[2];
        var kept = new long[2];
        for (int i = 0; i < Math.Min(_elements.Length, source.Elements.Length); i++)
        {
            effort.Left--;
            double value = ElementwiseFunctions.Value(function, source.Elements[i]);
            int sign = value > 0 ? 1 : 0;
            if (_elements[i] == 0)
            {
                dropped[sign] += value == 0 ? 0 : 1;
                continue;
            }

            if (double.IsNaN(factor))
                factor = _elements[i] / value;
            if (!(factor > 1.001) || !IsNear(_elements[i], factor * value))
                return null;
            kept[sign]++;
        }

        double probability = Rounded(1 - 1 / factor);
        double expected = probability * (dropped.Sum() + kept.Sum());
        bool isBlind = dropped.Zip(kept, (d, k) => (d > 0) == (k > 0)).All(both => both);
        return isBlind && kept.Sum() >= LeastEvidence && dropped.Sum() > 0
            && Math.Abs(dropped.Sum() - expected) <= 5 * Math.Sqrt(expected * (1 - probability)) + 1 ? probability : null;
    }
}
