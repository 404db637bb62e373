using GradLint.SignalPropagation;

namespace GradLint.Probe.Live;

/// <summary>
/// Finds the operations between layers that are written as functions (<c>relu(x)</c>, <c>x + y</c>, <c>max_pool2d(x, 2)</c>) and fire no
/// hook: it tries candidates on the values that were seen and takes one where every kept element agrees to rounding. What nothing
/// explains, or what several functions with different derivatives explain, is unknown.
/// </summary>
/// <param name="target">The value to explain.</param>
/// <param name="earlier">What was seen before, in order.</param>
/// <param name="isUnread">Whether nothing that was seen has read a value so far.</param>
internal sealed class FunctionalSearch(TracedTensor target, IReadOnlyList<LiveValue> earlier, Func<LiveValue, bool> isUnread)
{
    // Layers read what was computed shortly before, or a long skip: not all of a thousand values.
    private const int MostSources = 256;

    // Nonzero elements that must agree: two random values do so in the first one with a chance of some 1e-5.
    private const int LeastEvidence = 8;

    private const int MostSummands = 24;

    private readonly double[] _elements = target.Elements;
    private readonly LiveValue[] _sources =
        [.. earlier.Where(v => v.Tensor is { IsFinite: true, IsConstant: false, Elements.Length: > 0 }).Reverse().Take(MostSources)];

    private string _unknown = "nothing that was tried explains it";

    /// <summary>An element of a candidate by its row-major index; false where it was not kept.</summary>
    private delegate bool Candidate(long index, out double value);

    /// <summary>What a window or a reduction may be taken of.</summary>
    private readonly record struct Source(Derivation Value, TracedTensor Tensor, int? Axis);

    public Derivation Find()
    {
        if (!target.IsFinite)
            return new Derivation.Unknown("a value that is NaN or infinite");
        if (target.IsConstant)
            return new Derivation.Unknown("a value whose elements are all equal");
        return Arranged() ?? Selected() ?? Elementwise() ?? Softmax() ?? Scaled() ?? Reduced(Values) ?? Pooled(Values) ?? Dropped() ?? Sum() ?? Product()
            ?? Concatenated() ?? Reduced(Sums()) ?? Pooled(Sums()) ?? new Derivation.Unknown(_unknown);
    }

    private IEnumerable<Source> Values => _sources.Select(s => new Source(new Derivation.From(s), s.Tensor, s.Axis));

    private long[] Shape => target.Shape;

    private long Count => target.Count;

    // ---- one value ----------------------------------------------------------------------------------------------------------------

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

    // ---- fewer positions ----------------------------------------------------------------------------------------------------------

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
                        function = ElementwiseFunctions.All.FirstOrDefault(f => Matches(PooledElements(source.Tensor, pooled, window, stride, padding, kind, f)));
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
                    foreach (var function in ElementwiseFunctions.All.Prepend(Activation.Identity))
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

    // ---- several values -----------------------------------------------------------------------------------------------------------

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

    // ---- comparing ----------------------------------------------------------------------------------------------------------------

    /// <summary>The function f with target = f(candidate); <c>null</c> where there is none, or several whose derivatives differ on these values.</summary>
    private Activation? Activating(Candidate candidate, TracedTensor? source)
    {
        if (source is null && Matches(candidate))
            return Activation.Identity;
        var fitting = ElementwiseFunctions.All.Where(f => Matches(Then(candidate, f))).ToArray();
        if (fitting.Length == 0)
            return LeakySlope(candidate) is { } slope && Matches(Then(candidate, Activation.LeakyReLU(slope))) ? Activation.LeakyReLU(slope) : null;
        var slopes = fitting.Select(f => MeanSquaredSlope(candidate, f)).ToArray();
        // On a batch that never exceeds 6, relu and relu6 are the same function; in a batch that saturates, tanh and hardtanh are not.
        if (slopes.All(s => Math.Abs(s - slopes[0]) <= 0.05 * slopes[0]))
            return fitting[0];
        _unknown = $"{string.Join(" and ", fitting.Select(f => f.ToString()))} agree with it alike";
        return null;
    }

    private double MeanSquaredSlope(Candidate candidate, Activation function)
    {
        double sum = 0;
        long count = 0;
        for (long i = 0; i < _elements.Length; i++)
        {
            if (!candidate(i, out double x))
                continue;
            double slope = ElementwiseFunctions.Slope(function, x);
            sum += slope * slope;
            count++;
        }

        return sum / count;
    }

    /// <summary>The slope of a LeakyReLU, from the most negative of the first elements.</summary>
    private double? LeakySlope(Candidate candidate)
    {
        (double Argument, double Value) most = (0, 0);
        for (long i = 0; i < Math.Min(64, _elements.Length); i++)
        {
            if (candidate(i, out double x) && x < most.Argument)
                most = (x, _elements[i]);
        }

        double slope = Rounded(most.Value / most.Argument);
        return slope is > 0 and < 1 ? slope : null;
    }

    private static Candidate Then(Candidate candidate, Activation function) => (long i, out double value) =>
    {
        bool kept = candidate(i, out double x);
        value = kept ? ElementwiseFunctions.Value(function, x) : 0;
        return kept;
    };

    private bool Matches(Candidate candidate, bool exact = false)
    {
        int evidence = 0, compared = 0;
        for (long i = 0; i < _elements.Length; i++)
        {
            if (!candidate(i, out double value))
                continue;
            compared++;
            if (exact ? value != _elements[i] : !IsNear(_elements[i], value))
                return false;
            evidence += value == 0 ? 0 : 1;
        }

        return evidence >= LeastEvidence || (exact && evidence > 1 && compared == Count);
    }

    private bool IsNear(double value, double expected) =>
        Math.Abs(value - expected) <= target.Tolerance * (Math.Max(Math.Abs(value), Math.Abs(expected)) + 0.1 * target.Rms);

    private bool IsSame(double[] elements)
    {
        int count = Math.Min(elements.Length, _elements.Length);
        return count > 1 && elements.AsSpan(0, count).SequenceEqual(_elements.AsSpan(0, count));
    }

    private static bool Kept(TracedTensor tensor, long index, out double value)
    {
        bool kept = index < tensor.Elements.Length;
        value = kept ? tensor.Elements[index] : 0;
        return kept;
    }

    private int IndexOfLargest(double[] elements)
    {
        int best = -1;
        for (int i = 0; i < Math.Min(64, Math.Min(elements.Length, _elements.Length)); i++)
        {
            // A positive one: it is not zero behind a ReLU either.
            if (elements[i] > 0 && (best < 0 || elements[i] > elements[best]))
                best = i;
        }

        return best;
    }

    /// <summary>A factor without the rounding of the elements that it was computed from.</summary>
    private double Rounded(double factor)
    {
        if (!double.IsFinite(factor) || factor == 0)
            return factor;
        foreach (int digits in new[] { 0, 1, 2, 3, 4 })
        {
            double round = Math.Round(factor, digits);
            if (round != 0 && Math.Abs(factor - round) <= 10 * target.Tolerance * Math.Abs(round))
                return round;
        }

        return factor;
    }

    private LiveValue[] SameShape() => [.. _sources.Where(s => s.Tensor.Shape.SequenceEqual(Shape))];

    private static Derivation Joined(Operation operation, params LiveValue[] values) =>
        new Derivation.Applied(operation, values.Select(v => v.Axis).FirstOrDefault(a => a is not null), [.. values.Select(v => new Derivation.From(v))]);

    /// <summary>Adds what leads from the shape that an operation gives to the target's.</summary>
    private Derivation WithShape(Derivation derivation, long[] shape)
    {
        if (shape.SequenceEqual(Shape))
            return derivation;
        return shape.Length > 2 && Shape.Length == 2 && Shape[0] == shape[0]
            ? new Derivation.Applied(new Operation.Flatten(), null, derivation)
            : new Derivation.Reshaped(derivation);
    }

    // ---- elements of candidates ---------------------------------------------------------------------------------------------------

    private static Candidate PermutedElements(TracedTensor source, int[] order)
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

    private static Candidate SoftmaxElements(TracedTensor source, int dimension, bool logarithm)
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

    private static Candidate PooledElements(TracedTensor source, long[] pooled, int window, int stride, int padding, PoolingKind kind, Activation inner)
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

    private static Candidate ReducedElements(TracedTensor source, int axis, ReductionKind kind, Activation inner)
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
