namespace GradLint.SignalPropagation.Moments;

/// <summary>Moments of φ(u) and φ'(u) for a Gaussian u ~ N(0, q), all for one unit.</summary>
internal readonly struct UnitMoments(double mean, double square, double fourth, double slopeMean, double slopeSquare, double slopeFourth, double slopeZ,
    double slopeSquareZ, double slopeValueSquare, double statisticsScatter)
{
    /// <summary>E φ.</summary>
    public readonly double Mean = mean;

    /// <summary>E φ².</summary>
    public readonly double Square = square;

    /// <summary>E φ⁴.</summary>
    public readonly double Fourth = fourth;

    /// <summary>E φ'.</summary>
    public readonly double SlopeMean = slopeMean;

    /// <summary>E φ'².</summary>
    public readonly double SlopeSquare = slopeSquare;

    /// <summary>E φ'⁴: how unevenly units pass the gradient.</summary>
    public readonly double SlopeFourth = slopeFourth;

    /// <summary>E φ'(u)·u/√q.</summary>
    public readonly double SlopeZ = slopeZ;

    /// <summary>E φ'(u)²·u²/q.</summary>
    public readonly double SlopeSquareZ = slopeSquareZ;

    /// <summary>E φ'²φ².</summary>
    public readonly double SlopeValueSquare = slopeValueSquare;

    /// <summary>n times what a variance measured over n units adds to E φ'²/s² over E φ'²/E s²: with m = E φ and v = E (φ − m)²,
    /// E (φ − m)⁴/v² − 1 from the variance of s², less 2·(E φ'²(φ − m)²/(E φ'²·v) − 1) because large slopes come with large values. 2 for the
    /// identity.</summary>
    public readonly double StatisticsScatter = statisticsScatter;

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
internal readonly struct PairMoments(double product, double slopeProduct)
{
    /// <summary>E φ(u)φ(v).</summary>
    public readonly double Product = product;

    /// <summary>E φ'(u)φ'(v).</summary>
    public readonly double SlopeProduct = slopeProduct;
}

/// <summary>Integrals of an activation at one variance and two covariances.</summary>
internal sealed class Integrals(double q, in UnitMoments unit, PairMoments samples, PairMoments positions, PairMoments both, double samplesBend,
    double positionsBend, double bothBend, in Curvature curvature)
{
    /// <summary>Variance.</summary>
    public readonly double Q = q;

    /// <summary>Moments of one unit.</summary>
    public readonly UnitMoments Unit = unit;

    /// <summary>Moments of a unit in two samples.</summary>
    public readonly PairMoments Samples = samples;

    /// <summary>Moments of a unit at two positions.</summary>
    public readonly PairMoments Positions = positions;

    /// <summary>Moments of a unit at different positions of two samples.</summary>
    public readonly PairMoments Both = both;

    /// <summary>dE φ'(u)φ'(v)/dρ of two samples, ρ their correlation.</summary>
    public readonly double SamplesBend = samplesBend;

    /// <summary>The same of two positions.</summary>
    public readonly double PositionsBend = positionsBend;

    /// <summary>The same of both.</summary>
    public readonly double BothBend = bothBend;

    /// <summary>How the moments of one unit answer to the variance.</summary>
    public readonly Curvature Curvature = curvature;
}

/// <summary>How ln E φ² and ln E φ'² answer to ln q: first and second derivatives.</summary>
internal readonly struct Curvature(double square, double squareSecond, double slope, double slopeSecond)
{
    public readonly double Square = square;
    public readonly double SquareSecond = squareSecond;
    public readonly double Slope = slope;
    public readonly double SlopeSecond = slopeSecond;
}

/// <summary>The Gaussian integrals of one activation function.</summary>
internal abstract class ActivationMoments
{
    private const double BendStep = 0.02;
    private static readonly Remembered<ActivationMoments> Known = new(64);
    private Activation? function;

    /// <summary>Moments of one unit.</summary>
    public abstract UnitMoments Unit(double q);

    /// <summary>Moments of a pair; |c| ≤ q.</summary>
    public abstract PairMoments Pair(double q, double c);

    /// <summary>Moments of one unit, and of pairs of <paramref name="count"/> correlations.</summary>
    public virtual UnitMoments Pairs(double q, double[] correlations, PairMoments[] pairs, int count)
    {
        for (var i = 0; i < count; i++)
            pairs[i] = Pair(q, q * correlations[i]);
        return Unit(q);
    }

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
        foreach (var known in Known.All)
        {
            if (activation.Equals(known.function))
                return known;
        }

        if (Create(activation.Kind, a, b) is not { } moments)
            return null;
        moments.function = activation;
        return Known.Add(moments);
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
