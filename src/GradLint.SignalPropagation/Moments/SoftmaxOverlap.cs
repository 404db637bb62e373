namespace GradLint.SignalPropagation.Moments;

/// <summary>E Σₖ pₖ² of a softmax over K independent logits N(0, q): 1/K for equal logits, 1 for certain ones.</summary>
internal sealed class SoftmaxOverlap
{
    // Four knots to a decade from 10^-3; above the last one the odds grow as √q.
    private const int KnotsPerDecade = 4;
    private const double Lowest = 1e-3;
    private const int Knots = 20;

    // E over independent noise of variance v of softmax(z + noise) is about softmax(z/√(1 + v/3)): MacKay 1992 has π/8 for two classes.
    private const double Damping = 1.0 / 3;
    private static readonly Remembered<SoftmaxOverlap> Known = new(64);
    private readonly double classes;

    // NaN where a knot has not been computed.
    private readonly double[] logOdds = new double[Knots];

    private SoftmaxOverlap(double classes)
    {
        this.classes = classes;
        for (var i = 0; i < Knots; i++)
            logOdds[i] = double.NaN;
    }

    /// <summary>The table for K classes; K from 2 on.</summary>
    public static SoftmaxOverlap For(double classes)
    {
        var k = (int)Math.Max(2, Math.Min(1e9, classes));
        foreach (var known in Known.All)
        {
            if (known.classes == k)
                return known;
        }

        return Known.Add(new SoftmaxOverlap(k));
    }

    /// <summary>E Σ pₖp'ₖ of two samples whose logits have variance q and covariance c ≥ 0.</summary>
    public double Pair(double q, double c) => c <= 0 ? 1 / classes : Self(c / (1 + Damping * Math.Max(0, q - c)));

    /// <summary>E Σ pₖ².</summary>
    public double Self(double q)
    {
        var odds = Odds(q);
        var certain = odds / (1 + odds);
        return 1 / classes + certain * (1 - 1 / classes);
    }

    /// <summary>y/(1 − y) of y = (S − 1/K)/(1 − 1/K).</summary>
    private double Odds(double q)
    {
        if (!(q > Lowest))
            return Math.Max(0, q) / classes; // S = 1/K + q(1 − 1/K)/K
        var position = Math.Log10(q / Lowest) * KnotsPerDecade;
        if (position >= Knots - 1)
        {
            var (last, before) = (Math.Exp(At(Knots - 1)), Math.Exp(At(Knots - 2)));
            var (x1, x0) = (Math.Sqrt(Place(Knots - 1)), Math.Sqrt(Place(Knots - 2)));
            return last + (last - before) / (x1 - x0) * (Math.Sqrt(q) - x1);
        }

        var left = Math.Min(Math.Max((int)position, 1), Knots - 3);
        var t = position - left;
        return Math.Exp(-t * (t - 1) * (t - 2) / 6 * At(left - 1) + (t + 1) * (t - 1) * (t - 2) / 2 * At(left)
            - (t + 1) * t * (t - 2) / 2 * At(left + 1) + (t + 1) * t * (t - 1) / 6 * At(left + 2));
    }

    private double At(int knot)
    {
        if (double.IsNaN(logOdds[knot]))
            logOdds[knot] = Math.Log(Compute(Place(knot)));
        return logOdds[knot];
    }

    private static double Place(int knot) => Lowest * Math.Pow(10, (double)knot / KnotsPerDecade);

    /// <summary>With 1/Σ² = ∫ t·e^(−tΣ) dt and t = e^s: S = K·∫ ds E[x²e^−x]·(E e^−x)^(K−1), x = e^(s+z). Trapezoidal rule in s and z.</summary>
    private double Compute(double q)
    {
        var root = Math.Sqrt(q);
        var points = (int)Math.Ceiling(14 / Math.Min(0.45, 0.4 / root));
        var (z, w) = (new double[points + 1], new double[points + 1]);
        var total = 0.0;
        for (var i = 0; i <= points; i++)
        {
            var u = -7 + 14.0 * i / points;
            z[i] = Math.Exp(u * root);
            w[i] = SpecialFunctions.NormalDensity(u);
            total += w[i];
        }

        var (low, high) = (-7 * root - Math.Log(classes) - 8, 7 * root + 4);
        const double Step = 0.3;
        var sum = 0.0;
        for (var s = low; s <= high; s += Step)
        {
            var survival = Survival(Math.Exp(s), z, w, out var square);
            sum += square / total * Math.Pow(survival / total, classes - 1);
        }

        var overlap = classes * sum * Step;
        var y = (overlap - 1 / classes) / (1 - 1 / classes);
        return Math.Max(1e-12, y) / Math.Max(1e-12, 1 - y);
    }

    // A method of its own: a cold compiler would stop in the loop of the one above, and compile that anew.
    private static double Survival(double t, double[] z, double[] w, out double square)
    {
        double survival = 0;
        square = 0;
        for (var i = 0; i < z.Length; i++)
        {
            var x = t * z[i];
            var e = w[i] * Math.Exp(-x);
            survival += e;
            square += x * x * e;
        }

        return survival;
    }
}
