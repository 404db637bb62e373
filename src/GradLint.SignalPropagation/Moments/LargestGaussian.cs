namespace GradLint.SignalPropagation.Moments;

/// <summary>Moments of φ(m) and φ'(m), m the largest of n Gaussians of variance q with a common non-negative correlation.</summary>
internal static class LargestGaussian
{
    private const double Range = 7;
    private const double CommonRange = 5;

    // The points of the trapezoidal rule over the largest of the individual parts, an even number: none at 0, where rectifiers jump.
    private static readonly double[] Points = Spread(64, Range);
    private static readonly double[] Densities = DensitiesOf(Points);
    private static readonly double[] Below = BelowOf(Points);

    // And over the common part.
    private static readonly double[] CommonPoints = Spread(25, CommonRange);
    private static readonly double[] CommonDensities = DensitiesOf(CommonPoints);

    /// <summary>E φ(m), E φ(m)², E φ'(m)².</summary>
    public static (double Mean, double Square, double SlopeSquare) Moments(Activation function, double q, double correlation, double count)
    {
        var (kind, a, b) = (function.Kind, function.A ?? 0, function.B ?? 0);
        var (common, own) = (Math.Sqrt(q * correlation), Math.Sqrt(q * (1 - correlation)));
        double total = 0, mean = 0, square = 0, slopeSquare = 0;
        for (var j = 0; j < Points.Length; j++)
        {
            var density = count * Densities[j] * Math.Pow(Below[j], count - 1);
            for (var i = 0; i < (correlation > 0 ? CommonPoints.Length : 1); i++)
            {
                var weight = correlation > 0 ? density * CommonDensities[i] : density;
                var m = own * Points[j] + (correlation > 0 ? common * CommonPoints[i] : 0);
                var f = ActivationFunction.Value(kind, a, b, m);
                var d = ActivationFunction.Derivative(kind, a, b, m);
                total += weight;
                mean += weight * f;
                square += weight * f * f;
                slopeSquare += weight * d * d;
            }
        }

        return total > 0 ? (mean / total, square / total, slopeSquare / total) : (0, 0, 0);
    }

    private static double[] Spread(int count, double range)
    {
        var points = new double[count];
        for (var i = 0; i < count; i++)
            points[i] = -range + 2 * range * i / (count - 1);
        return points;
    }

    private static double[] DensitiesOf(double[] points)
    {
        var densities = new double[points.Length];
        for (var i = 0; i < densities.Length; i++)
            densities[i] = SpecialFunctions.NormalDensity(points[i]);
        return densities;
    }

    private static double[] BelowOf(double[] points)
    {
        var below = new double[points.Length];
        for (var i = 0; i < below.Length; i++)
            below[i] = SpecialFunctions.NormalCdf(points[i]);
        return below;
    }
}
