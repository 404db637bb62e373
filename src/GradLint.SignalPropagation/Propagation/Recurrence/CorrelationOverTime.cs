namespace GradLint.SignalPropagation.Propagation;

/// <summary>Second moments between the time steps of a sequence, as the variance of each step and the correlation of two.</summary>
internal sealed class CorrelationOverTime(int steps)
{
    private readonly OverTime correlations = new(steps);
    private readonly double[] inverseRoots = new double[steps];

    /// <summary>Variance of each step.</summary>
    public readonly double[] Variances = new double[steps];

    /// <summary>Correlation of two steps; 1 where one has no variance.</summary>
    public double this[int t, int s] => correlations[t, s];

    /// <inheritdoc cref="OverTime.Rows"/>
    public double[] Rows => correlations.Rows;

    /// <summary>Adds step <paramref name="t"/> by its mean products with all steps up to it, its own the last.</summary>
    public void Add(int t, double[] products)
    {
        var variance = Variances[t] = products[t];
        var inverse = inverseRoots[t] = variance > 0 ? 1 / Math.Sqrt(variance) : 0;
        var (rows, row) = (correlations.Rows, OverTime.Row(t));
        for (var s = 0; s < t; s++)
        {
            var scale = inverse * inverseRoots[s];
            rows[row + s] = scale > 0 ? Math.Max(-1, Math.Min(1, products[s] * scale)) : 1;
        }

        rows[row + t] = 1;
    }
}
