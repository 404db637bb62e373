namespace GradLint.SignalPropagation.Moments;

/// <summary>Functions that netstandard2.0 lacks.</summary>
internal static class SpecialFunctions
{
    private const double InverseSqrtTwoPi = 0.3989422804014327;
    private const double SeriesReach = 2;
    private const double SqrtPi = 1.7724538509055161;

    /// <summary>erf x: its Maclaurin series below 2, 1 − erfc above; absolute error below 1e−13.</summary>
    public static double Erf(double x)
    {
        var y = Math.Abs(x);
        if (!(y <= SeriesReach))
            return double.IsNaN(x) ? x : Math.Sign(x) * (1 - Erfc(y));
        double term = x, sum = x, square = x * x;
        for (var n = 1; n < 60 && Math.Abs(term) > 1e-17; n++)
        {
            term *= -square / n;
            sum += term / (2 * n + 1);
        }

        return 2 / SqrtPi * sum;
    }

    /// <summary>erfc x = 1 − erf x for x ≥ 0, with small relative error also where it is tiny.</summary>
    public static double Erfc(double x)
    {
        if (x < SeriesReach)
            return 1 - Erf(x);
        if (x > 27)
            return 0;
        // Laplace's continued fraction, from its tail; n terms leave an error of about exp(−2x·√(2n)).
        var fraction = x;
        for (var n = 4 + (int)(140 / (x * x)); n >= 1; n--)
            fraction = x + n / 2.0 / fraction;
        return Math.Exp(-x * x) / (SqrtPi * fraction);
    }

    /// <summary>Φ(x), the cumulative distribution of N(0, 1).</summary>
    public static double NormalCdf(double x) => x < 0 ? 0.5 * Erfc(-x / Math.Sqrt(2)) : 1 - 0.5 * Erfc(x / Math.Sqrt(2));

    /// <summary>Density of N(0, 1).</summary>
    public static double NormalDensity(double x) => InverseSqrtTwoPi * Math.Exp(-0.5 * x * x);

    /// <summary>1/(1 + e^−x) without overflow.</summary>
    public static double Sigmoid(double x)
    {
        if (x >= 0)
            return 1 / (1 + Math.Exp(-x));
        var e = Math.Exp(x);
        return e / (1 + e);
    }

    /// <summary>log(1 + e^x) without overflow.</summary>
    public static double Softplus(double x) => x > 0 ? x + Log1p(Math.Exp(-x)) : Log1p(Math.Exp(x));

    /// <summary>log(1 + x), accurate for small x (Kahan).</summary>
    public static double Log1p(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }

    /// <summary>e^x − 1, accurate for small x (Kahan).</summary>
    public static double Expm1(double x)
    {
        if (Math.Abs(x) > 0.7)
            return Math.Exp(x) - 1;
        var u = Math.Exp(x);
        return u == 1 ? x : (u - 1) * x / Math.Log(u);
    }
}
