using System.Runtime.CompilerServices;

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
    private const double LeastRest = 1e-4;

    // MethodImplOptions.AggressiveOptimization, which netstandard2.0 does not name: in a compiler that has just started, the runtime's first, slow code
    // would take longer for a table than the second one takes to be made.
    private const MethodImplOptions CompileAtOnce = (MethodImplOptions)512;
    private const double SqrtPi = 1.7724538509055161;
    private static readonly double[] Roots = new double[Terms + 1];
    private static readonly double[] InverseRoots = new double[Terms + 1];
    private readonly Knot?[] knots = new Knot?[(HighestDecade - LowestDecade) * KnotsPerDecade + 1];
    private readonly double[] kinks = ActivationFunction.Kinks(kind, a, b);

    static TabulatedMoments()
    {
        for (var n = 0; n <= Terms; n++)
            (Roots[n], InverseRoots[n]) = (Math.Sqrt(n), 1 / Math.Sqrt(n));
    }

    public override UnitMoments Unit(double q) => Locate(q, out var at) ? Unit(at) : Outside(q).Unit;

    public override PairMoments Pair(double q, double c)
    {
        var at = Locate(q, out var stencil) ? stencil : Flat(Outside(q));
        return new Series(at, Unit(at)).At(Ratio(q, c));
    }

    public override UnitMoments Pairs(double q, double[] correlations, PairMoments[] pairs, int count)
    {
        var at = Locate(q, out var stencil) ? stencil : Flat(Outside(q));
        var unit = Unit(at);
        var series = new Series(at, unit);
        for (var i = 0; i < count; i++)
            pairs[i] = series.At(q > 0 ? correlations[i] : 1);
        return unit;
    }

    public override Integrals At(double q, double samples, double positions, double both, bool spatial)
    {
        if (!(q > 0))
            return base.At(q, samples, positions, both, spatial);
        var inside = Locate(q, out var at);
        if (!inside)
            at = Flat(Outside(q));
        var unit = Unit(at);
        var series = new Series(at, unit);
        var samplesPair = WithBend(series, q, samples, unit, out var samplesBend);
        PairMoments positionsPair = new(unit.Square, unit.SlopeSquare), bothPair = samplesPair;
        double positionsBend = 0, bothBend = samplesBend;
        if (spatial)
        {
            positionsPair = WithBend(series, q, positions, unit, out positionsBend);
            if (both != samples)
                bothPair = WithBend(series, q, both, unit, out bothBend);
        }

        return new(q, unit, samplesPair, positionsPair, bothPair, samplesBend, positionsBend, bothBend, !(unit.Square > 0) ? default : inside ? CurvatureAt(at) : base.CurvatureAt(q, unit));
    }

    public override Curvature CurvatureAt(double q, in UnitMoments at) => Locate(q, out var stencil) ? CurvatureAt(stencil) : base.CurvatureAt(q, at);

    private static UnitMoments Unit(in Stencil at)
    {
        double mean = 0, square = 0, valueFourth = 0, slopeMean = 0, slope = 0, fourth = 0, slopeZ = 0, slopeSquareZ = 0, slopeValue = 0, statistics = 0;
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
            slopeValue += weight * knot.SlopeValueShare;
            statistics += weight * knot.Unit.StatisticsScatter;
        }

        (square, slope) = (Math.Exp(square), Math.Exp(slope));
        return new(mean, square, valueFourth * square * square, slopeMean, slope, fourth * slope * slope, slopeZ, slopeSquareZ, slopeValue * square * slope, statistics);
    }

    private static Curvature CurvatureAt(in Stencil s)
    {
        // The derivatives of the cubic through four knots.
        const double Spacing = 2.302585092994046 / KnotsPerDecade;
        double square = 0, squareSecond = 0, slope = 0, slopeSecond = 0;
        for (var i = 0; i < 4; i++)
        {
            var (first, second) = (s.FirstDerivative(i), s.SecondDerivative(i));
            square += first * s[i].LogSquare;
            squareSecond += second * s[i].LogSquare;
            slope += first * s[i].LogSlopeSquare;
            slopeSecond += second * s[i].LogSlopeSquare;
        }

        return new(square / Spacing, squareSecond / (Spacing * Spacing), slope / Spacing, slopeSecond / (Spacing * Spacing));
    }

    private static PairMoments WithBend(Series series, double q, double c, in UnitMoments unit, out double bend)
    {
        var other = BendAt(q, c);
        var pair = series.At(Ratio(q, c));
        var slopeProduct = series.At(Ratio(q, other)).SlopeProduct;
        if (IsEqual(q, c))
            pair = new(unit.Square, unit.SlopeSquare);
        bend = (slopeProduct - pair.SlopeProduct) / (other - c) * q;
        return pair;
    }

    private static double Ratio(double q, double covariance) => q > 0 ? Math.Max(-1, Math.Min(1, covariance / q)) : 1;

    /// <summary>Mean of ρⁿ over what is left beyond the last term of Σ shareₙ·ρⁿ, taken to fall as n^(−3/2), as it does for a φ' with jumps; for
    /// smooth functions nothing is left there.</summary>
    private static double Tail(double ratio)
    {
        if (ratio <= 0)
            return 0;
        var decay = -Terms * Math.Log(ratio);
        if (decay > 12)
            return 0;
        var root = Math.Sqrt(decay);
        // e^x·erfc √x, Abramowitz and Stegun 7.1.26: within 1.5e−7.
        var t = 1 / (1 + 0.3275911 * root);
        var scaled = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
        return Math.Max(0, Math.Exp(-decay) * (1 - SqrtPi * root * scaled));
    }

    private static Stencil Flat(Knot knot) => new(knot, knot, knot, knot, 0);

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

    [MethodImpl(CompileAtOnce)]
    private Knot Compute(double q)
    {
        var (z, w) = GaussianQuadrature.For(q, kinks);
        var root = Math.Sqrt(q);
        var value = new double[Terms + 1];
        var slope = new double[Terms + 1];
        double square = 0, third = 0, fourth = 0, slopeSquare = 0, slopeFourth = 0, slopeZ = 0, slopeSquareZ = 0, slopeSquareF = 0, slopeSquareFF = 0;
        for (var i = 0; i < z.Length; i++)
        {
            var f = ActivationFunction.Value(kind, a, b, root * z[i]);
            var d = ActivationFunction.Derivative(kind, a, b, root * z[i]);
            square += w[i] * f * f;
            third += w[i] * f * f * f;
            fourth += w[i] * f * f * f * f;
            slopeSquare += w[i] * d * d;
            slopeFourth += w[i] * d * d * d * d;
            slopeSquareF += w[i] * d * d * f;
            slopeSquareFF += w[i] * d * d * f * f;
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
        return new Knot(new(mean, square, fourth, slopeMean, slopeSquare, slopeFourth, slopeZ, slopeSquareZ, slopeSquareFF,
            UnitMoments.StatisticsScatterOf(mean, square, third, fourth, slopeSquare, slopeSquareF, slopeSquareFF)), Shares(value, square), Shares(slope, slopeSquare));
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

        public readonly UnitMoments Unit = unit;

        public readonly double[] Value = value;

        public readonly double[] Slope = slope;

        /// <summary>Terms of the two series that are worth adding.</summary>
        public readonly int Significant = Math.Max(SignificantOf(value), SignificantOf(slope));

        public readonly double LogSquare = Math.Log(Math.Max(Tiny, unit.Square));

        public readonly double LogSlopeSquare = Math.Log(Math.Max(Tiny, unit.SlopeSquare));

        public readonly double Kurtosis = unit.Fourth / Math.Max(Tiny, unit.Square * unit.Square);

        public readonly double SlopeKurtosis = unit.SlopeFourth / Math.Max(Tiny, unit.SlopeSquare * unit.SlopeSquare);

        public readonly double SlopeValueShare = unit.SlopeValueSquare / Math.Max(Tiny, unit.Square * unit.SlopeSquare);

        private static int SignificantOf(double[] shares)
        {
            const double Negligible = 1e-7;
            var rest = 0.0;
            var count = Terms;
            while (count > 1 && (rest += shares[count - 1]) < Negligible)
                count--;
            return count;
        }
    }

    /// <summary>The two series at one variance, interpolated between knots.</summary>
    private sealed class Series
    {
        private readonly double[] value;
        private readonly double[] slope;
        private readonly double valueRest;
        private readonly double slopeRest;
        private readonly UnitMoments unit;

        public Series(in Stencil at, in UnitMoments unit)
        {
            this.unit = unit;
            var (k0, k1, k2, k3) = (at[0], at[1], at[2], at[3]);
            var (w0, w1, w2, w3) = (at.Weight(0), at.Weight(1), at.Weight(2), at.Weight(3));
            var terms = Math.Max(Math.Max(k0.Significant, k1.Significant), Math.Max(k2.Significant, k3.Significant));
            (value, slope) = (new double[(terms + 1) & ~1], new double[(terms + 1) & ~1]);
            for (var n = 0; n < terms; n++)
            {
                value[n] = w0 * k0.Value[n] + w1 * k1.Value[n] + (w2 * k2.Value[n] + w3 * k3.Value[n]);
                slope[n] = w0 * k0.Slope[n] + w1 * k1.Slope[n] + (w2 * k2.Slope[n] + w3 * k3.Slope[n]);
            }

            valueRest = w0 * k0.Value[Terms] + w1 * k1.Value[Terms] + (w2 * k2.Value[Terms] + w3 * k3.Value[Terms]);
            slopeRest = w0 * k0.Slope[Terms] + w1 * k1.Slope[Terms] + (w2 * k2.Slope[Terms] + w3 * k3.Slope[Terms]);
            if (!(valueRest > LeastRest || slopeRest > LeastRest))
                (valueRest, slopeRest) = (0, 0);
        }

        /// <summary>The moments of a pair of correlation ρ.</summary>
        public PairMoments At(double ratio)
        {
            var (v, s, square) = (value, slope, ratio * ratio);
            double even = 0, odd = 0, evenSlope = 0, oddSlope = 0;
            // Horner's rule in ρ², the even and the odd terms side by side: each step waits for the one before it.
            for (var n = v.Length - 2; n >= 0 && n + 1 < s.Length; n -= 2)
            {
                even = even * square + v[n];
                odd = odd * square + v[n + 1];
                evenSlope = evenSlope * square + s[n];
                oddSlope = oddSlope * square + s[n + 1];
            }

            var (product, slopeProduct) = (even + ratio * odd, evenSlope + ratio * oddSlope);
            if (valueRest != 0 || slopeRest != 0)
            {
                var tail = Tail(ratio);
                product += valueRest * tail;
                slopeProduct += slopeRest * tail;
            }

            return new(unit.Square * product, unit.SlopeSquare * slopeProduct);
        }
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

        /// <summary>Of the weight, per spacing of the knots.</summary>
        public double FirstDerivative(int i) => i switch
        {
            0 => -(3 * t * t - 6 * t + 2) / 6,
            1 => (3 * t * t - 4 * t - 1) / 2,
            2 => -(3 * t * t - 2 * t - 2) / 2,
            _ => (3 * t * t - 1) / 6,
        };

        public double SecondDerivative(int i) => i switch
        {
            0 => 1 - t,
            1 => 3 * t - 2,
            2 => 1 - 3 * t,
            _ => t,
        };
    }
}
