namespace GradLint.SignalPropagation.Moments;

/// <summary>Moments of φ(m) and φ'(m), m the largest of n Gaussians of variance q with a common non-negative correlation.</summary>
internal static class LargestGaussian
{
    private const double Range = 7;
    private const int Points = 64; // an even number: no point at 0, where rectifiers jump

    /// <summary>E φ(m), E φ(m)², E φ'(m)². Trapezoidal rule over the common part and the largest of the individual parts.</summary>
    public static (double Mean, double Square, double SlopeSquare) Moments(Activation function, double q, double correlation, double count)
    {
        var (common, own) = (Math.Sqrt(q * correlation), Math.Sqrt(q * (1 - correlation)));
        double total = 0, mean = 0, square = 0, slopeSquare = 0;
        var coarse = correlation > 0 ? 25 : 1;
        for (var j = 0; j < Points; j++)
        {
            var y = -Range + 2 * Range * j / (Points - 1);
            var density = count * SpecialFunctions.NormalDensity(y) * Math.Pow(SpecialFunctions.NormalCdf(y), count - 1);
            for (var i = 0; i < coarse; i++)
            {
                var x = coarse == 1 ? 0 : -5 + 10.0 * i / (coarse - 1);
                var weight = density * SpecialFunctions.NormalDensity(x);
                var m = common * x + own * y;
                var f = ActivationFunction.Value(function.Kind, function.A ?? 0, function.B ?? 0, m);
                var d = ActivationFunction.Derivative(function.Kind, function.A ?? 0, function.B ?? 0, m);
                total += weight;
                mean += weight * f;
                square += weight * f * f;
                slopeSquare += weight * d * d;
            }
        }

        return total > 0 ? (mean / total, square / total, slopeSquare / total) : (0, 0, 0);
    }
}
