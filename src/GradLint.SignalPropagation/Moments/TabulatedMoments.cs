namespace GradLint.SignalPropagation.Moments;

/// <summary>
/// Moments by quadrature at knots, eight to a decade of q, computed when first needed, and cubic interpolation between them.
/// Pairs follow Mehler's formula: E φ(u)φ(v) = Σ aₙ²·ρⁿ with aₙ = E φ(√q z)·Heₙ(z)/√n!, and the same for φ'.
/// </summary>
internal sealed class TabulatedMoments(ActivationKind kind, double a, double b) : ActivationMoments
{
    private const int KnotsPerDecade = 8;
    private const int LowestDecade = -12;
    private const int HighestDecade = 12;
    private const int Terms = 33;
    private static readonly double[] Roots = [.. Enumerable.Range(0, Terms + 1).Select(n => Math.Sqrt(n))];
    private static readonly double[] InverseRoots = [.. Roots.Select(r => 1 / r)];
    private readonly Knot?[] knots = new Knot?[(HighestDecade - LowestDecade) * KnotsPerDecade + 1];
    private readonly double[] kinks = ActivationFunction.Kinks(kind, a, b);

    public override UnitMoments Unit(double q)
    {
        if (!Locate(q, out var at))
            return Outside(q).Unit;
        double mean = 0, square = 0, valueFourth = 0, slopeMean = 0, slope = 0, fourth = 0, slopeZ = 0, slopeSquareZ = 0;
        for (var i = 0; i < 4; i++)
        {
            var knot = at[i];
            var weight = at.Weight(i);
            mean += weight * knot.Unit.Mean;
            square += weight * knot.LogSquare;
            valueFourth += weight * knot.Kurtosis;
            slopeMean += weight * knot.Unit.SlopeMean;
            slope += weight * knot.LogSlopeSquare;
            fourth += weight * knot.SlopeKurtosis;
            slopeZ += weight * knot.Unit.SlopeZ;
            slopeSquareZ += weight * knot.Unit.SlopeSquareZ;
        }

        (square, slope) = (Math.Exp(square), Math.Exp(slope));
        return new(mean, square, valueFourth * square * square, slopeMean, slope, fourth * slope * slope, slopeZ, slopeSquareZ);
    }

    public override PairMoments Pair(double q, double c)
    {
        var ratio = q > 0 ? Math.Max(-1, Math.Min(1, c / q)) : 1;
        if (!Locate(q, out var at))
        {
            var knot = Outside(q);
            return new(knot.Unit.Square * Series(knot.Value, ratio), knot.Unit.SlopeSquare * Series(knot.Slope, ratio));
        }

        double square = 0, slope = 0, product = 0, slopeProduct = 0;
        for (var i = 0; i < 4; i++)
        {
            var knot = at[i];
            var weight = at.Weight(i);
            square += weight * knot.LogSquare;
            slope += weight * knot.LogSlopeSquare;
            product += weight * Series(knot.Value, ratio);
            slopeProduct += weight * Series(knot.Slope, ratio);
        }

        return new(Math.Exp(square) * product, Math.Exp(slope) * slopeProduct);
    }

    /// <summary>Σ shareₙ·ρⁿ, the shares adding up to 1. Beyond the last term they are taken to fall as n^(−3/2), as they do for a φ' with jumps;
    /// for smooth functions nothing is left there.</summary>
    private static double Series(double[] shares, double ratio)
    {
        var sum = 0.0;
        for (var n = Terms - 1; n >= 0; n--)
            sum = sum * ratio + shares[n];
        var rest = shares[Terms];
        if (rest < 1e-4 || ratio <= 0)
            return sum;
        var decay = -Terms * Math.Log(ratio);
        return sum + rest * (Math.Exp(-decay) - Math.Sqrt(Math.PI * decay) * SpecialFunctions.Erfc(Math.Sqrt(decay)));
    }

    private bool Locate(double q, out Stencil stencil)
    {
        stencil = default;
        var position = (Math.Log10(q) - LowestDecade) * KnotsPerDecade;
        if (!(position >= 1 && position < knots.Length - 2))
            return false;
        var left = (int)position;
        stencil = new Stencil(At(left - 1), At(left), At(left + 1), At(left + 2), position - left);
        return true;
    }

    // Two threads may compute the same knot: they get the same numbers.
    private Knot At(int index) => knots[index] ??= Compute(Math.Pow(10, LowestDecade + (double)index / KnotsPerDecade));

    private Knot Outside(double q) => Compute(q > 0 ? Math.Min(q, 1e280) : 1e-280);

    private Knot Compute(double q)
    {
        var (z, w) = GaussianQuadrature.For(q, kinks);
        var root = Math.Sqrt(q);
        var value = new double[Terms + 1];
        var slope = new double[Terms + 1];
        double square = 0, fourth = 0, slopeSquare = 0, slopeFourth = 0, slopeZ = 0, slopeSquareZ = 0;
        for (var i = 0; i < z.Length; i++)
        {
            var f = ActivationFunction.Value(kind, a, b, root * z[i]);
            var d = ActivationFunction.Derivative(kind, a, b, root * z[i]);
            square += w[i] * f * f;
            fourth += w[i] * f * f * f * f;
            slopeSquare += w[i] * d * d;
            slopeFourth += w[i] * d * d * d * d;
            slopeZ += w[i] * d * z[i];
            slopeSquareZ += w[i] * d * d * z[i] * z[i];
            double previous = 0, hermite = w[i];
            for (var n = 0; n < Terms; n++)
            {
                value[n] += f * hermite;
                slope[n] += d * hermite;
                (previous, hermite) = (hermite, (z[i] * hermite - Roots[n] * previous) * InverseRoots[n + 1]);
            }
        }

        var (mean, slopeMean) = (value[0], slope[0]);
        return new Knot(new(mean, square, fourth, slopeMean, slopeSquare, slopeFourth, slopeZ, slopeSquareZ), Shares(value, square), Shares(slope, slopeSquare));
    }

    private static double[] Shares(double[] coefficients, double total)
    {
        var sum = 0.0;
        for (var n = 0; n < Terms; n++)
        {
            coefficients[n] = total > 0 ? coefficients[n] * coefficients[n] / total : n == 0 ? 1 : 0;
            sum += coefficients[n];
        }

        coefficients[Terms] = Math.Max(0, 1 - sum);
        return coefficients;
    }

    private sealed class Knot(UnitMoments unit, double[] value, double[] slope)
    {
        // A function that is zero wherever the Gaussian reaches must not give log 0.
        private const double Tiny = 1e-300;

        public UnitMoments Unit { get; } = unit;

        public double[] Value { get; } = value;

        public double[] Slope { get; } = slope;

        public double LogSquare { get; } = Math.Log(Math.Max(Tiny, unit.Square));

        public double LogSlopeSquare { get; } = Math.Log(Math.Max(Tiny, unit.SlopeSquare));

        public double Kurtosis { get; } = unit.Fourth / Math.Max(Tiny, unit.Square * unit.Square);

        public double SlopeKurtosis { get; } = unit.SlopeFourth / Math.Max(Tiny, unit.SlopeSquare * unit.SlopeSquare);
    }

    /// <summary>Four knots around a point and Lagrange's weights for it.</summary>
    private readonly struct Stencil(Knot k0, Knot k1, Knot k2, Knot k3, double t)
    {
        public Knot this[int i] => i switch { 0 => k0, 1 => k1, 2 => k2, _ => k3 };

        public double Weight(int i) => i switch
        {
            0 => -t * (t - 1) * (t - 2) / 6,
            1 => (t + 1) * (t - 1) * (t - 2) / 2,
            2 => -(t + 1) * t * (t - 2) / 2,
            _ => (t + 1) * t * (t - 1) / 6,
        };
    }
}
