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
/// <param name="effort">How much may still be tried for this network.</param>
internal sealed partial class FunctionalSearch(TracedTensor target, IReadOnlyList<LiveValue> earlier, Func<LiveValue, bool> isUnread, FunctionalSearch.Effort effort)
{
    // Layers read what was computed shortly before, or a long skip: not all of a thousand values.
    private const int MostSources = 256;

    // Nonzero elements that must agree: two random values do so in the first one with a chance of some 1e-5.
    private const int LeastEvidence = 8;

    private const int MostSummands = 24;

    // What stands in front of a window or a mean without a layer between.
    private static readonly Activation[] s_usual =
        [Activation.Identity, Activation.ReLU, Activation.SiLU, Activation.GELU, Activation.Tanh, Activation.Sigmoid, Activation.LeakyReLU(0.01), Activation.LeakyReLU(0.2), Activation.Mish, Activation.Hardswish];

    private readonly double[] _elements = target.Elements;
    private readonly LiveValue[] _sources =
        [.. earlier.Where(v => v.Tensor is { IsFinite: true, IsConstant: false, Elements.Length: > 0 }).Reverse().Take(MostSources)];

    // The elements that tell most, the largest and the smallest: a wrong candidate fails at the first of them.
    private readonly int[] _telling = Telling(target.Elements);

    private string _unknown = "nothing that was tried explains it";

    /// <summary>An element of a candidate by its row-major index; false where it was not kept.</summary>
    private delegate bool Candidate(long index, out double value);

    /// <summary>Elements that may still be looked at: some seconds' work, whatever the network.</summary>
    internal sealed class Effort
    {
        public long Left { get; set; } = 200_000_000;
    }

    /// <summary>What a window or a reduction may be taken of.</summary>
    private readonly record struct Source(Derivation Value, TracedTensor Tensor, int? Axis);

    public Derivation Find()
    {
        if (!target.IsFinite)
            return new Derivation.Unknown("a value that is NaN or infinite");
        if (target.IsConstant)
            return new Derivation.Unknown("a value whose elements are all equal");
        return Arranged() ?? Selected() ?? Elementwise() ?? Softmax() ?? Scaled() ?? Reduced(Values) ?? Pooled(Values) ?? Dropped() ?? Sum() ?? Product()
            ?? Concatenated() ?? Reduced(Sums()) ?? Pooled(Sums()) ?? new Derivation.Unknown(effort.Left > 0 ? _unknown : "too much would have to be tried");
    }

    private IEnumerable<Source> Values => _sources.Select(s => new Source(new Derivation.From(s), s.Tensor, s.Axis));

    private long[] Shape => target.Shape;

    private long Count => target.Count;

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
        foreach (int i in _telling)
        {
            if (!Agrees(i))
                return false;
        }

        int evidence = 0, compared = 0;
        double least = 10 * target.Tolerance * 0.1 * target.Rms;
        for (int i = 0; i < _elements.Length; i++)
        {
            if (!candidate(i, out double value))
                continue;
            if (!Fits(_elements[i], value))
                return false;
            compared++;
            evidence += Math.Abs(value) > least ? 1 : 0;
        }

        return evidence >= LeastEvidence || (exact && evidence > 1 && compared == Count);

        bool Agrees(int i) => !candidate(i, out double value) || Fits(_elements[i], value);

        bool Fits(double element, double value) => effort.Left > 0 && (exact ? value == element : IsNear(element, value));
    }

    private static int[] Telling(double[] elements)
    {
        int[] order = [.. Enumerable.Range(0, Math.Min(elements.Length, 4096)).OrderBy(i => elements[i])];
        return [.. order.Take(8), .. order.TakeLast(8)];
    }

    private bool IsNear(double value, double expected) =>
        Math.Abs(value - expected) <= target.Tolerance * (Math.Max(Math.Abs(value), Math.Abs(expected)) + 0.1 * target.Rms);

    private bool IsSame(double[] elements)
    {
        int count = Math.Min(elements.Length, _elements.Length);
        return count > 1 && elements.AsSpan(0, count).SequenceEqual(_elements.AsSpan(0, count));
    }

    private bool Kept(TracedTensor tensor, long index, out double value)
    {
        effort.Left--;
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
}
