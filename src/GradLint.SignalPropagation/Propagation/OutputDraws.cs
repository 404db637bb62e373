namespace GradLint.SignalPropagation.Propagation;

/// <summary>How X, the squared norm of the sum of all samples' output gradients, of mean 1, scatters over random labels.</summary>
internal sealed class OutputDraws
{
    // Half of the four points for the weight function of N(0, 1): the other signs give the same squares. Abramowitz and Stegun, table 25.10.
    private static readonly double[] GaussianPoints = [0.7419637843027259, 2.3344142183389773];
    private static readonly double[] GaussianWeights = [0.9082482904638630, 0.0917517095361370];
    private static OutputDraws? last;

    /// <summary>Values of X.</summary>
    public readonly double[] Values;

    /// <summary>Their probabilities.</summary>
    public readonly double[] Weights;

    private readonly double freedom;
    private readonly double batch;

    private OutputDraws(double[] values, double[] weights, double freedom, double batch) =>
        (Values, Weights, this.freedom, this.batch) = (values, weights, freedom, batch);

    /// <summary>X of a batch of B with two labels, p − y = ±½ + v: (n₊ − n₋ + 2Bv)²/B, binomial, with a Gaussian v that the logits of all samples
    /// have in common. <paramref name="cosine"/> is what v makes of the gradients' likeness.</summary>
    public static OutputDraws OfTwoLabels(int batch, double cosine)
    {
        var common = batch * Math.Max(0, Math.Min(0.999, cosine)) / (1 - Math.Max(0, Math.Min(0.999, cosine)));
        var (values, weights) = (new double[(batch + 1) * GaussianPoints.Length], new double[(batch + 1) * GaussianPoints.Length]);
        var probability = Math.Pow(0.5, batch);
        for (int n = 0, at = 0; n <= batch; n++)
        {
            for (var i = 0; i < GaussianPoints.Length; i++, at++)
            {
                var sum = (batch - 2 * n) / Math.Sqrt(batch) + GaussianPoints[i] * Math.Sqrt(common);
                (values[at], weights[at]) = (sum * sum / (1 + common), probability * GaussianWeights[i]);
            }

            probability *= (double)(batch - n) / (n + 1);
        }

        return new(values, weights, 1, batch);
    }

    /// <summary>X as χ²/f for f degrees of freedom, by the trapezoidal rule in y = ln X, of density ∝ exp(f/2·(y − e^y)). The variance of a batch of
    /// B is smaller by 1 − 1/B: a sample agrees with itself.</summary>
    public static OutputDraws ChiSquared(double freedom, double batch)
    {
        // The networks of a project mostly have it in common.
        if (last is { } known && known.freedom == freedom && known.batch == batch)
            return known;
        var points = freedom < 4 ? 12 : 8;
        var (values, weights) = (new double[points], new double[points]);
        var deviation = Math.Sqrt(2 / freedom);
        var (low, high) = (-4 * deviation * (1 + deviation), Math.Log(1 + 8 * deviation));
        var total = 0.0;
        for (var i = 0; i < points; i++)
        {
            var y = low + (high - low) * i / (points - 1);
            var x = Math.Exp(y);
            values[i] = 1 + (x - 1) * Math.Sqrt(1 - 1 / batch);
            total += weights[i] = Math.Exp(freedom / 2 * (y - x + 1));
        }

        for (var i = 0; i < points; i++)
            weights[i] /= total;
        return last = new(values, weights, freedom, batch);
    }
}
