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

    // The density of N(0, 1) at the points from 0 on, times the spacing.
    private static readonly double[] Weights = WeightsOf();

    /// <summary>E φ.</summary>
    public readonly double Mean;

    /// <summary>E φ².</summary>
    public readonly double Square;

    /// <summary>E φ'.</summary>
    public readonly double SlopeMean;

    /// <summary>E φ'².</summary>
    public readonly double SlopeSquare;

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
    public static readonly double[] StaticWeights = [2.0 / 3, 1.0 / 6, 1.0 / 6];

    /// <summary>The sigmoid of z ~ N(mean, q).</summary>
    public static GateMoments Sigmoid(double q, double mean)
    {
        var root = Math.Sqrt(Math.Max(0, q));
        double m = 0, s = 0, d = 0, dd = 0;
        for (var i = 0; i <= PointsOnOneSide; i++)
        {
            var (weight, offset) = (Weights[i], root * (i * Spacing));
            var right = SpecialFunctions.Sigmoid(mean + offset);
            // σ(−z) = 1 − σ(z).
            var left = i == 0 ? 0 : mean == 0 ? 1 - right : SpecialFunctions.Sigmoid(mean - offset);
            var (rightSlope, leftSlope) = (right * (1 - right), left * (1 - left));
            m += weight * (right + left);
            s += weight * (right * right + left * left);
            d += weight * (rightSlope + leftSlope);
            dd += weight * (rightSlope * rightSlope + leftSlope * leftSlope);
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
            if (i == StaticCount - 1 && mean == 0)
            {
                // The mirror image of the one before it: the last two points are opposite.
                (means[i], squares[i]) = (1 - means[i - 1], 1 - 2 * means[i - 1] + squares[i - 1]);
                break;
            }

            var gate = Sigmoid(q - common, mean + Math.Sqrt(common) * StaticPoints[i]);
            (means[i], squares[i]) = (gate.Mean, gate.Square);
        }
    }

    private static double[] WeightsOf()
    {
        var weights = new double[PointsOnOneSide + 1];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = Spacing * SpecialFunctions.NormalDensity(i * Spacing);
        return weights;
    }
}
