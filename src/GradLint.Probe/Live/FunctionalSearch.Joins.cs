using GradLint.SignalPropagation;

namespace GradLint.Probe.Live;

// Sums, products and concatenations.
internal sealed partial class FunctionalSearch
{
    /// <summary>f(a·x + b·y), or x + f(y): residual connections.</summary>
    private Derivation? Sum()
    {
        var same = SameShape();
        for (int i = 0; i < same.Length; i++)
        {
            for (int j = i + 1; j < same.Length; j++)
            {
                if (Plus(same[i], same[j]) is { } sum)
                    return sum;
            }
        }

        foreach (var x in same)
        {
            foreach (var y in same)
            {
                if (!ReferenceEquals(x, y) && PlusActivated(x, y) is { } sum)
                    return sum;
            }
        }

        return SumOfThree(same);
    }

    private Derivation? Plus(LiveValue x, LiveValue y)
    {
        if (Activating(Total(1, 1), null) is { } function)
            return Derivation.Activated(Joined(new Operation.Add(), x, y), function);
        foreach (var outer in new[] { Activation.Identity, Activation.ReLU })
        {
            // Behind a ReLU only the positive elements tell.
            if (Coefficients(x.Tensor.Elements, y.Tensor.Elements, positive: outer.Kind == ActivationKind.ReLU) is not var (a, b) || !Matches(Then(Total(a, b), outer)))
                continue;
            var sum = a == b
                ? Derivation.Scaled(Joined(new Operation.Add(), x, y), a)
                : new Derivation.Applied(new Operation.Add(), x.Axis ?? y.Axis, Derivation.Scaled(new Derivation.From(x), a), Derivation.Scaled(new Derivation.From(y), b));
            return Derivation.Activated(sum, outer);
        }

        return null;

        Candidate Total(double a, double b) => (long i, out double value) =>
        {
            value = 0;
            if (!Kept(x.Tensor, i, out double left) || !Kept(y.Tensor, i, out double right))
                return false;
            value = a * left + b * right;
            return true;
        };
    }

    /// <summary>The two factors of t = a·x + b·y, from the pair of elements that tells them best; ±1 where they are that to rounding.</summary>
    private (double A, double B)? Coefficients(double[] x, double[] y, bool positive)
    {
        int count = Math.Min(24, Math.Min(_elements.Length, Math.Min(x.Length, y.Length)));
        bool Tells(int i) => !positive || _elements[i] > 0;
        (int I, int J, double Determinant) best = (0, 0, 0);
        for (int i = 0; i < count; i++)
        {
            for (int j = i + 1; j < count; j++)
            {
                double determinant = x[i] * y[j] - x[j] * y[i];
                if (Tells(i) && Tells(j) && Math.Abs(determinant) > Math.Abs(best.Determinant))
                    best = (i, j, determinant);
            }
        }

        if (best.Determinant == 0)
            return null;
        double a = Rounded((_elements[best.I] * y[best.J] - _elements[best.J] * y[best.I]) / best.Determinant);
        double b = Rounded((x[best.I] * _elements[best.J] - x[best.J] * _elements[best.I]) / best.Determinant);
        // A factor of nothing is no summand.
        return Math.Abs(a) > 1e-3 && Math.Abs(b) > 1e-3 && double.IsFinite(a) && double.IsFinite(b) ? (a, b) : null;
    }

    private Derivation? PlusActivated(LiveValue x, LiveValue y)
    {
        foreach (var inner in ElementwiseFunctions.All)
        {
            Candidate sum = (long i, out double value) =>
            {
                value = 0;
                if (!Kept(x.Tensor, i, out double left) || !Kept(y.Tensor, i, out double right))
                    return false;
                value = left + ElementwiseFunctions.Value(inner, right);
                return true;
            };
            var outer = Matches(sum) ? Activation.Identity : Matches(Then(sum, Activation.ReLU)) ? Activation.ReLU : null;
            if (outer is not null)
            {
                return Derivation.Activated(new Derivation.Applied(new Operation.Add(), x.Axis ?? y.Axis, new Derivation.From(x),
                    Derivation.Activated(new Derivation.From(y), inner)), outer);
            }
        }

        return null;
    }

    /// <summary>The end of a residual stream that is pooled before any layer reads it: sums that hold a value which nothing has read yet.</summary>
    private IEnumerable<Source> Sums()
    {
        var large = _sources.Where(s => s.Tensor.Shape.Length >= 3 && s.Tensor.Shape[0] == Shape[0] && s.Tensor.Count > Count).ToArray();
        foreach (var x in large.Where(isUnread))
        {
            foreach (var y in large.Where(y => !ReferenceEquals(x, y) && y.Tensor.Shape.SequenceEqual(x.Tensor.Shape)))
            {
                var sum = Joined(new Operation.Add(), x, y);
                yield return new Source(sum, TracedTensor.Computed(x.Tensor, sum.Elements()!), x.Axis ?? y.Axis);
            }
        }
    }

    private Derivation? SumOfThree(LiveValue[] same)
    {
        var few = same.Take(MostSummands).ToArray();
        for (int i = 0; i < few.Length; i++)
        {
            for (int j = i + 1; j < few.Length; j++)
            {
                for (int k = j + 1; k < few.Length; k++)
                {
                    LiveValue[] all = [few[i], few[j], few[k]];
                    Candidate sum = (long at, out double value) =>
                    {
                        value = 0;
                        foreach (var summand in all)
                        {
                            if (!Kept(summand.Tensor, at, out double x))
                                return false;
                            value += x;
                        }

                        return true;
                    };
                    if (Matches(sum) || Matches(Then(sum, Activation.ReLU)))
                        return Derivation.Activated(Joined(new Operation.Add(), all), Matches(sum) ? Activation.Identity : Activation.ReLU);
                }
            }
        }

        return null;
    }

    /// <summary>x·f(y): a gate.</summary>
    private Derivation? Product()
    {
        var same = SameShape();
        foreach (var x in same)
        {
            foreach (var y in same)
            {
                if (ReferenceEquals(x, y))
                    continue;
                foreach (var function in ElementwiseFunctions.All.Prepend(Activation.Identity))
                {
                    if (Matches(Gated))
                    {
                        return new Derivation.Applied(new Operation.Product(), x.Axis ?? y.Axis, new Derivation.From(x),
                            Derivation.Activated(new Derivation.From(y), function));
                    }

                    bool Gated(long i, out double value)
                    {
                        value = 0;
                        if (!Kept(x.Tensor, i, out double left) || !Kept(y.Tensor, i, out double right))
                            return false;
                        value = left * ElementwiseFunctions.Value(function, right);
                        return true;
                    }
                }
            }
        }

        return null;
    }

    private Derivation? Concatenated()
    {
        foreach (int axis in new[] { 1, Shape.Length - 1 }.Distinct().Where(a => a > 0 && a < Shape.Length))
        {
            var parts = new List<(LiveValue Value, Activation Function)>();
            if (!Joins(axis, 0, parts))
                continue;
            var joined = parts.Select(p => Derivation.Activated(new Derivation.From(p.Value), p.Function)).ToArray();
            var shapes = parts.Select(p => p.Value.Tensor.Shape).ToArray();
            if (shapes.All(shape => shape.Length == Shape.Length))
                return new Derivation.Applied(new Operation.Concatenate(), axis, joined);
            return shapes.All(shape => shape.Skip(2).SequenceEqual(shapes[0].Skip(2)))
                ? new Derivation.Applied(new Operation.Flatten(), null, new Derivation.Applied(new Operation.Concatenate(), 1, joined))
                : new Derivation.Applied(new Operation.Concatenate(), 1,
                    [.. joined.Zip(shapes, (part, shape) => shape.Length == 2 ? part : new Derivation.Applied(new Operation.Flatten(), null, part))]);
        }

        return null;
    }

    /// <summary>Finds the value whose features begin at <paramref name="offset"/>, then those behind it.</summary>
    private bool Joins(int axis, long offset, List<(LiveValue Value, Activation Function)> parts)
    {
        if (offset == Shape[axis])
            return parts.Count > 1;
        foreach (var source in _sources)
        {
            long[] shape = SameRank(source.Tensor.Shape);
            if (shape.Length != Shape.Length || shape[axis] >= Shape[axis] || shape[axis] > Shape[axis] - offset || shape.Where((size, d) => d != axis && size != Shape[d]).Any())
                continue;
            foreach (var function in ElementwiseFunctions.All.Prepend(Activation.Identity))
            {
                if (!IsPart(source.Tensor, shape, function, axis, offset))
                    continue;
                parts.Add((source, function));
                if (Joins(axis, offset + shape[axis], parts))
                    return true;
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return false;
    }

    // Channels side by side and then flattened are flattened channels side by side.
    private long[] SameRank(long[] shape) =>
        Shape.Length == 2 && shape.Length > 2 ? [shape[0], shape.Skip(1).Aggregate(1L, (product, size) => product * size)] : shape;

    private bool IsPart(TracedTensor part, long[] shape, Activation function, int axis, long offset)
    {
        long inner = Shape.Skip(axis + 1).Aggregate(1L, (product, size) => product * size);
        long run = shape[axis] * inner;
        int agreeing = 0;
        for (long i = 0; i < part.Elements.Length; i++)
        {
            long at = i / run * Shape[axis] * inner + offset * inner + i % run;
            if (at >= _elements.Length)
                break;
            double value = ElementwiseFunctions.Value(function, part.Elements[i]);
            if (function.Kind == ActivationKind.Identity ? value != _elements[at] : !IsNear(_elements[at], value))
                return false;
            agreeing += value == 0 ? 0 : 1;
        }

        return agreeing >= (function.Kind == ActivationKind.Identity ? 2 : LeastEvidence);
    }
}
