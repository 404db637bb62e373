namespace GradLint.SignalPropagation.Moments;

/// <summary>Gaussian integrals of the sigmoid or tanh inside a recurrent cell, whose argument may have a mean: z ~ N(μ, q). Pairs are
/// interpolated in their correlation ρ: the first terms of Mehler's series, which is nearly all of it for functions so smooth.</summary>
internal readonly struct GateMoments
{
    // The trapezoidal rule over the density of N(0, 1): its error falls exponentially for functions so smooth.
    private const int PointsOnOneSide = 20;
    private const double Spacing = 0.35;
    private static readonly ActivationMoments Tanhs = ActivationMoments.Of(Activation.Tanh)!;

    // Gauss-Hermite with three points, for what all time steps of one unit have in common.
    private static readonly double[] StaticPoints = [0, 1.7320508075688772, -1.7320508075688772];

    private readonly double linear;

    private GateMoments(double mean, double square, double slopeMean, double slopeSquare, double q)
    {
        (Mean, Square, SlopeMean, SlopeSquare) = (mean, square, slopeMean, slopeSquare);
        var free = square - mean * mean;
        linear = free > 1e-300 ? Math.Min(1, slopeMean * slopeMean * q / free) : 1;
    }

    /// <summary>Number of values that <see cref="SigmoidGivenStatic"/> tells apart.</summary>
    public const int StaticCount = 3;

    /// <summary>Their probabilities.</summary>
    public static double[] StaticWeights { get; } = [2.0 / 3, 1.0 / 6, 1.0 / 6];

    /// <summary>E φ.</summary>
    public double Mean { get; }

    /// <summary>E φ².</summary>
    public double Square { get; }

    /// <summary>E φ'.</summary>
    public double SlopeMean { get; }

    /// <summary>E φ'².</summary>
    public double SlopeSquare { get; }

    /// <summary>The sigmoid of z ~ N(mean, q).</summary>
    public static GateMoments Sigmoid(double q, double mean)
    {
        var root = Math.Sqrt(Math.Max(0, q));
        double m = 0, s = 0, d = 0, dd = 0;
        for (var i = -PointsOnOneSide; i <= PointsOnOneSide; i++)
        {
            var z = i * Spacing;
            var weight = Spacing * SpecialFunctions.NormalDensity(z);
            var y = SpecialFunctions.Sigmoid(mean + root * z);
            var slope = y * (1 - y);
            m += weight * y;
            s += weight * y * y;
            d += weight * slope;
            dd += weight * slope * slope;
        }

        return new(m, s, d, dd, q);
    }

    /// <summary>tanh of z ~ N(0, q).</summary>
    public static GateMoments Tanh(double q)
    {
        if (!(q > 0))
            return new(0, 0, 1, 1, 0);
        var unit = Tanhs.Unit(q);
        return new(0, unit.Square, unit.SlopeMean, unit.SlopeSquare, q);
    }

    /// <summary>E φ(u)φ(v) of two arguments of correlation ρ.</summary>
    public double Product(double correlation) =>
        Mean * Mean + (Square - Mean * Mean) * correlation * (linear + (1 - linear) * correlation * correlation);

    /// <summary>E φ'(u)φ'(v).</summary>
    public double SlopeProduct(double correlation) =>
        SlopeMean * SlopeMean + (SlopeSquare - SlopeMean * SlopeMean) * correlation * correlation;

    /// <summary>Mean and mean square of a sigmoid for each value of the part of z, of variance <paramref name="common"/>, that stays the same
    /// over time: a unit whose gate leans open by its bias stays open at every step.</summary>
    public static void SigmoidGivenStatic(double q, double common, double mean, double[] means, double[] squares)
    {
        common = Math.Max(0, Math.Min(common, q));
        for (var i = 0; i < StaticCount; i++)
        {
            var gate = Sigmoid(q - common, mean + Math.Sqrt(common) * StaticPoints[i]);
            (means[i], squares[i]) = (gate.Mean, gate.Square);
        }
    }
}
