namespace GradLint.SignalPropagation.Moments;

/// <summary>x above zero, slope·x below: ReLU, LeakyReLU, PReLU, |x|, the identity. The arc-cosine kernels of Cho and Saul 2009.</summary>
/// <param name="slope">Mean slope below zero.</param>
/// <param name="slopeSquare">Mean square of that slope; differs from its square only where the slope is random.</param>
internal sealed class PiecewiseLinearMoments(double slope, double slopeSquare) : ActivationMoments
{
    // E z = 1/√(2π), E z² = 1/2, E z³ = 2/√(2π), E z⁴ = 3/2 over z > 0.
    private readonly double statisticsScatter = UnitMoments.StatisticsScatterOf((1 - slope) / Math.Sqrt(2 * Math.PI), (1 + slopeSquare) / 2,
        2 * (1 - slope * slopeSquare) / Math.Sqrt(2 * Math.PI), 1.5 * (1 + slopeSquare * slopeSquare), (1 + slopeSquare) / 2,
        (1 - slope * slopeSquare) / Math.Sqrt(2 * Math.PI), (1 + slopeSquare * slopeSquare) / 2);

    public override UnitMoments Unit(double q) => new(
        (1 - slope) * Math.Sqrt(q / (2 * Math.PI)),
        (1 + slopeSquare) * q / 2,
        1.5 * (1 + slopeSquare * slopeSquare) * q * q,
        (1 + slope) / 2,
        (1 + slopeSquare) / 2,
        (1 + slopeSquare * slopeSquare) / 2,
        (1 - slope) / Math.Sqrt(2 * Math.PI),
        (1 + slopeSquare) / 2,
        (1 + slopeSquare * slopeSquare) * q / 2,
        statisticsScatter);

    public override Curvature CurvatureAt(double q, in UnitMoments at) => new(1, 0, 0, 0);

    public override PairMoments Pair(double q, double c)
    {
        if (!(q > 0))
            return new(0, (1 + slope * slope) / 2);
        var r = Math.Max(-1, Math.Min(1, c / q));
        var angle = Math.Acos(r);
        var sine = Math.Sqrt(Math.Max(0, 1 - r * r));
        var same = (sine + (Math.PI - angle) * r) / (2 * Math.PI);
        var opposite = (sine - angle * r) / (2 * Math.PI);
        return new(
            q * ((1 + slope * slope) * same - 2 * slope * opposite),
            ((1 + slope * slope) * (Math.PI - angle) + 2 * slope * angle) / (2 * Math.PI));
    }
}

/// <summary>e^x: log-normal moments.</summary>
internal sealed class ExponentialMoments : ActivationMoments
{
    public override UnitMoments Unit(double q)
    {
        var root = Math.Sqrt(q);
        var square = Math.Exp(2 * q);
        var third = Math.Exp(4.5 * q);
        var fourth = Math.Exp(8 * q);
        return new(Math.Exp(q / 2), square, fourth, Math.Exp(q / 2), square, fourth, root * Math.Exp(q / 2), (1 + 4 * q) * square, fourth,
            UnitMoments.StatisticsScatterOf(Math.Exp(q / 2), square, third, fourth, square, third, fourth));
    }

    public override PairMoments Pair(double q, double c) => new(Math.Exp(q + c), Math.Exp(q + c));
}

/// <summary>x²: Isserlis' theorem.</summary>
internal sealed class SquareMoments : ActivationMoments
{
    public override UnitMoments Unit(double q) => new(q, 3 * q * q, 105 * q * q * q * q, 0, 4 * q, 48 * q * q, 2 * Math.Sqrt(q), 12 * q, 60 * q * q * q,
        6); // E (z² − 1)⁴/4 − 1 − 2·(E z²(z² − 1)²/2 − 1)

    public override PairMoments Pair(double q, double c) => new(q * q + 2 * c * c, 4 * c);
}

/// <summary>sin x or cos x: the Gaussian's characteristic function.</summary>
internal sealed class SineMoments(bool cosine) : ActivationMoments
{
    public override UnitMoments Unit(double q)
    {
        var even = (1 + Math.Exp(-2 * q)) / 2; // E cos²
        var odd = -SpecialFunctions.Expm1(-2 * q) / 2; // E sin²
        var (square, slope) = cosine ? (even, odd) : (odd, even);
        var decay = Math.Exp(-2 * q);
        double Fourth(bool ofCosine) => (3 + (ofCosine ? 4 : -4) * decay + Math.Exp(-8 * q)) / 8;
        // E cos²(u)·u²/q and E sin²(u)·u²/q from E cos(2u)·u²/q = (1 − 4q)e^(−2q).
        var slopeSquareZ = (1 + (cosine ? -1 : 1) * (1 - 4 * q) * decay) / 2;
        var root = Math.Sqrt(q);
        // E cos³ = (3·E cos u + E cos 3u)/4; E sin²cos² = E sin²(2u)/4.
        var mean = cosine ? Math.Exp(-q / 2) : 0;
        var third = cosine ? (3 * mean + Math.Exp(-4.5 * q)) / 4 : 0;
        var both = -SpecialFunctions.Expm1(-8 * q) / 8;
        var scatter = UnitMoments.StatisticsScatterOf(mean, square, third, Fourth(cosine), slope, mean - third, both);
        return new(mean, square, Fourth(cosine),
            cosine ? 0 : Math.Exp(-q / 2), slope, Fourth(!cosine), cosine ? -root * Math.Exp(-q / 2) : 0, slopeSquareZ, both, scatter);
    }

    public override PairMoments Pair(double q, double c)
    {
        var plus = Math.Exp(c - q) / 2;
        var minus = Math.Exp(-c - q) / 2;
        return cosine ? new(plus + minus, plus - minus) : new(plus - minus, plus + minus);
    }
}
