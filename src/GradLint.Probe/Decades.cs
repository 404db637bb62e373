using System.Globalization;

namespace GradLint.Probe;

/// <summary>A base-10 logarithm measured once per seed.</summary>
/// <param name="Mean">The mean over the seeds, in decades. Negative infinity where a seed's value was exactly zero; NaN where one was not finite.</param>
/// <param name="StandardDeviation">The sample standard deviation over the seeds, in decades; NaN for a single seed or where <paramref name="Mean"/> is not finite.</param>
public readonly record struct Decades(double Mean, double StandardDeviation)
{
    /// <summary>Mean and sample standard deviation of one value per seed.</summary>
    /// <param name="values">Base-10 logarithms; at least one.</param>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static Decades Of(IReadOnlyCollection<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
            throw new ArgumentException("A mean needs at least one value.", nameof(values));
        double mean = values.Average();
        if (values.Count == 1 || !double.IsFinite(mean))
            return new Decades(mean, double.NaN);
        return new Decades(mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)));
    }

    /// <summary><c>10^-9.77</c>, <c>0</c> for negative infinity, <c>not finite</c> for NaN.</summary>
    public override string ToString() => Format(Mean);

    internal static string Format(double decades) =>
        double.IsNegativeInfinity(decades) ? "0"
        : !double.IsFinite(decades) ? "not finite"
        : "10^" + (Math.Abs(decades) < 0.005 ? 0 : decades).ToString("0.00", CultureInfo.InvariantCulture);
}
