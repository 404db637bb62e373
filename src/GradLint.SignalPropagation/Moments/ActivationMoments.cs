using System.Collections.Concurrent;

namespace GradLint.SignalPropagation.Moments;

/// <summary>Moments of φ(u) and φ'(u) for a Gaussian u ~ N(0, q), all for one unit.</summary>
/// <param name="Mean">E φ.</param>
/// <param name="Square">E φ².</param>
/// <param name="Fourth">E φ⁴.</param>
/// <param name="SlopeMean">E φ'.</param>
/// <param name="SlopeSquare">E φ'².</param>
/// <param name="SlopeFourth">E φ'⁴: how unevenly units pass the gradient.</param>
/// <param name="SlopeZ">E φ'(u)·u/√q.</param>
/// <param name="SlopeSquareZ">E φ'(u)²·u²/q.</param>
/// <param name="SlopeValueSquare">E φ'²φ².</param>
/// <param name="StatisticsScatter">n times what a variance measured over n units adds to E φ'²/s² over E φ'²/E s²: with m = E φ and v = E (φ − m)²,
/// E (φ − m)⁴/v² − 1 from the variance of s², less 2·(E φ'²(φ − m)²/(E φ'²·v) − 1) because large slopes come with large values. 2 for the
/// identity.</param>
internal readonly record struct UnitMoments(double Mean, double Square, double Fourth, double SlopeMean, double SlopeSquare, double SlopeFourth,
    double SlopeZ, double SlopeSquareZ, double SlopeValueSquare, double StatisticsScatter)
{
    /// <summary><see cref="StatisticsScatter"/> from raw moments: E φ to E φ⁴, E φ'², E φ'²φ, E φ'²φ².</summary>
    public static double StatisticsScatterOf(double mean, double square, double third, double fourth, double slopeSquare, double slopeSquareValue,
        double slopeSquareSquare)
    {
        var variance = square - mean * mean;
        if (!(variance > 1e-12 * square) || !(slopeSquare > 0))
            return 2;
        var central = fourth - 4 * mean * third + 6 * mean * mean * square - 3 * mean * mean * mean * mean;
        var along = (slopeSquareSquare - 2 * mean * slopeSquareValue + mean * mean * slopeSquare) / (slopeSquare * variance);
        return central / (variance * variance) - 1 - 2 * (along - 1);
    }
}

/// <summary>Moments of φ(u)φ(v) and φ'(u)φ'(v) for Gaussian u, v of variance q and covariance c.</summary>
/// <param name="Product">E φ(u)φ(v).</param>
/// <param name="SlopeProduct">E φ'(u)φ'(v).</param>
internal readonly record struct PairMoments(double Product, double SlopeProduct);

/// <summary>Integrals of an activation at one variance and two covariances.</summary>
/// <param name="Q">Variance.</param>
/// <param name="Unit">Moments of one unit.</param>
/// <param name="Samples">Moments of a unit in two samples.</param>
/// <param name="Positions">Moments of a unit at two positions.</param>
/// <param name="Both">Moments of a unit at different positions of two samples.</param>
/// <param name="SamplesBend">dE φ'(u)φ'(v)/dρ of two samples, ρ their correlation.</param>
/// <param name="PositionsBend">The same of two positions.</param>
/// <param name="BothBend">The same of both.</param>
/// <param name="Curvature">How the moments of one unit answer to the variance.</param>
internal sealed record Integrals(double Q, UnitMoments Unit, PairMoments Samples, PairMoments Positions, PairMoments Both,
    double SamplesBend, double PositionsBend, double BothBend, Curvature Curvature);

/// <summary>How ln E φ² and ln E φ'² answer to ln q.</summary>
internal readonly record struct Curvature(double Square, double SquareSecond, double Slope, double SlopeSecond);

/// <summary>The Gaussian integrals of one activation function.</summary>
internal abstract class ActivationMoments
{
    // An editor keeps the tables for its lifetime, and sources choose the parameters: remember a bounded number of them.
    private const int MostTables = 64;
    private const double BendStep = 0.02;
    private static readonly ConcurrentDictionary<Activation, ActivationMoments> Known = new();

    /// <summary>Moments of one unit.</summary>
    public abstract UnitMoments Unit(double q);

    /// <summary>Moments of a pair; |c| ≤ q.</summary>
    public abstract PairMoments Pair(double q, double c);

    /// <summary>Everything that a layer needs at variance q and the covariances of two samples, two positions and both.</summary>
    public virtual Integrals At(double q, double samples, double positions, double both, bool spatial)
    {
        var unit = Unit(q);
        PairMoments Of(double c) => IsEqual(q, c) ? new(unit.Square, unit.SlopeSquare) : Pair(q, c);
        double Bend(double c, double slopeProduct) => q > 0 ? (Pair(q, BendAt(q, c)).SlopeProduct - slopeProduct) / (BendAt(q, c) - c) * q : 0;
        var samplesPair = Of(samples);
        var positionsPair = spatial ? Of(positions) : new(unit.Square, unit.SlopeSquare);
        var bothPair = spatial && both != samples ? Of(both) : samplesPair;
        return new(q, unit, samplesPair, positionsPair, bothPair, Bend(samples, samplesPair.SlopeProduct),
            spatial ? Bend(positions, positionsPair.SlopeProduct) : 0, spatial ? Bend(both, bothPair.SlopeProduct) : 0,
            unit.Square > 0 && q > 0 ? CurvatureAt(q, unit) : default);
    }

    /// <summary>Whether a covariance is so close to the variance that two Gaussians are one.</summary>
    protected static bool IsEqual(double q, double c) => c >= q * (1 - 1e-12);

    /// <summary>The covariance at which E φ'(u)φ'(v) is compared with that at c, for its derivative: nearer to 0, because at c = q that of a φ'
    /// with jumps is infinite.</summary>
    protected static double BendAt(double q, double c) => c > q / 2 ? c - BendStep * q : c + BendStep * q;

    /// <summary>First and second derivative of ln E φ² and of ln E φ'² with respect to ln q.</summary>
    public virtual Curvature CurvatureAt(double q, in UnitMoments at)
    {
        const double Step = 0.3;
        var (low, high) = (Unit(q * Math.Exp(-Step)), Unit(q * Math.Exp(Step)));
        var (s0, s1, s2) = (Math.Log(low.Square), Math.Log(at.Square), Math.Log(high.Square));
        var (d0, d1, d2) = (Math.Log(low.SlopeSquare), Math.Log(at.SlopeSquare), Math.Log(high.SlopeSquare));
        return new((s2 - s0) / (2 * Step), (s2 - 2 * s1 + s0) / (Step * Step), (d2 - d0) / (2 * Step), (d2 - 2 * d1 + d0) / (Step * Step));
    }

    /// <summary>The moments of an elementwise activation; null where a parameter is unknown or makes no sense, or it is not elementwise.</summary>
    public static ActivationMoments? Of(Activation activation)
    {
        if (!activation.IsElementwise || activation.A is not { } a || activation.B is not { } b || !IsFinite(a) || !IsFinite(b))
            return null;
        if (Known.TryGetValue(activation, out var moments))
            return moments;
        moments = Create(activation.Kind, a, b);
        if (moments is null)
            return null;
        if (Known.Count >= MostTables)
            Known.Clear();
        return Known.GetOrAdd(activation, moments);
    }

    private static ActivationMoments? Create(ActivationKind kind, double a, double b) => kind switch
    {
        ActivationKind.Identity => new PiecewiseLinearMoments(1, 1),
        ActivationKind.ReLU => new PiecewiseLinearMoments(0, 0),
        ActivationKind.Abs => new PiecewiseLinearMoments(-1, 1),
        ActivationKind.LeakyReLU or ActivationKind.PReLU => new PiecewiseLinearMoments(a, a * a),
        // The slope of each element is drawn from U(a, b).
        ActivationKind.RReLU => new PiecewiseLinearMoments((a + b) / 2, (a * a + a * b + b * b) / 3),
        ActivationKind.Exp => new ExponentialMoments(),
        ActivationKind.Square => new SquareMoments(),
        ActivationKind.Sin => new SineMoments(false),
        ActivationKind.Cos => new SineMoments(true),
        ActivationKind.CELU or ActivationKind.Softplus when a == 0 => null,
        ActivationKind.Hardtanh when a > b => null,
        ActivationKind.Hardshrink or ActivationKind.Softshrink when a < 0 => null,
        _ => new TabulatedMoments(kind, a, b),
    };

    private static bool IsFinite(double x) => !double.IsNaN(x) && !double.IsInfinity(x);
}
