using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>
/// h = max(0, h + W·x + b): a ReLU RNN whose weight_hh is the identity (Le, Jaitly and Hinton 2015, arXiv:1504.00941). Units do not mix: each is a random
/// walk that is held at zero, its bias the drift, and its gradient passes whole for as long as it stays above zero. How long that is, is Sparre
/// Andersen's theorem (1953): with aₖ = P(Sₖ > 0), n·pₙ = Σ aₖ·pₙ₋ₖ for pₙ = P(S₁ > 0, …, Sₙ > 0).
/// </summary>
internal sealed class IdentityReluDynamics : CellDynamics
{
    // Gauss-Hermite with five points, for the drift.
    private static readonly double[] Drifts = [0, 1.3556261799742659, -1.3556261799742659, 2.8569700138728057, -2.8569700138728057];
    private static readonly double[] DriftWeights = [0.5333333333333333, 0.2220759220056126, 0.2220759220056126, 0.0112574113277207, 0.0112574113277207];

    /// <summary>alive[t, s]: a unit is above zero at all steps from t to s.</summary>
    private readonly OverTime alive;

    public IdentityReluDynamics(in CellWeights weights, OverTime input)
        : base(weights, input)
    {
        alive = new OverTime(Steps);
        var common = Math.Max(0, weights.Input * (Steps > 1 ? input.MeanProduct : 0) + weights.InputBias + weights.HiddenBias);
        var variance = Math.Max(1e-300, weights.Input * input.MeanSquare - weights.Input * (Steps > 1 ? input.MeanProduct : 0));
        for (var i = 0; i < Drifts.Length; i++)
            Add(Drifts[i] * Math.Sqrt(common), Math.Sqrt(variance), DriftWeights[i]);
    }

    public override double Coherence => 0.5;

    // A walk stays above zero for n steps with a probability that falls as a power of n.
    public override bool FadesExponentially => false;

    protected override double HiddenShare => 0;

    // Few units stay alive, and a sample's gradient is their number.
    public override double VarianceAfter(double n) => 1 / (Weights.Width * Math.Max(1e-3, alive[0, (int)Math.Max(0, Math.Min(Steps - 1, n))]));

    public override OverTime Backward(OverTime output)
    {
        var gates = new OverTime(Steps);
        // What two outputs send back arrives at a step as long as the unit is alive up to the later of them.
        var upTo = new double[Steps];
        for (var p = Steps - 1; p >= 0; p--)
        {
            for (var later = p; later < Steps; later++)
                upTo[later] += (later == p ? 1 : 2) * output[p, later];
            for (var t = 0; t <= p; t++)
            {
                var sum = 0.0;
                for (var later = p; later < Steps; later++)
                    sum += upTo[later] * alive[t, later];
                gates[t, p] = sum;
            }
        }

        return gates;
    }

    private void Add(double drift, double deviation, double weight)
    {
        var up = Persistence(drift / deviation);
        var down = Persistence(-drift / deviation);
        var since = new double[Steps];
        for (var t = 0; t < Steps; t++)
        {
            // The last visit to zero was before step t, and since then the walk has stayed above.
            for (var s = t; s < Steps; s++)
            {
                since[s] += down[t] * up[s + 1 - t];
                alive[t, s] += weight * since[s];
            }
        }

        AddStates(drift, deviation, weight);
    }

    /// <summary>The state after n steps is distributed like the largest of the sums S₀ … Sₙ; its first two moments are Spitzer's (1956).</summary>
    private void AddStates(double drift, double deviation, double weight)
    {
        var (means, squares, share) = (new double[Steps], new double[Steps], new double[Steps + 1]);
        double mean = 0, square = 0;
        for (var t = 0; t < Steps; t++)
        {
            var n = t + 1;
            var (ratio, size) = (drift / deviation * Math.Sqrt(n), deviation * Math.Sqrt(n));
            var (density, below) = (SpecialFunctions.NormalDensity(ratio), SpecialFunctions.NormalCdf(ratio));
            share[n] = size * (ratio * below + density) / n;
            square += size * size * ((1 + ratio * ratio) * below + ratio * density) / n;
            for (var k = 1; k < n; k++)
                square += share[k] * share[n - k];
            means[t] = mean += share[n];
            squares[t] = square;
            Output[t, t] += weight * square;
            // What a unit gains later depends little on where it was.
            for (var s = 0; s < t; s++)
                Output[t, s] += weight * (squares[s] + means[s] * (means[t] - means[s]));
        }
    }

    private double[] Persistence(double drift)
    {
        var p = new double[Steps + 1];
        var positive = new double[Steps + 1];
        p[0] = 1;
        for (var n = 1; n <= Steps; n++)
        {
            positive[n] = SpecialFunctions.NormalCdf(Math.Sqrt(n) * drift);
            for (var k = 1; k <= n; k++)
                p[n] += positive[k] * p[n - k];
            p[n] /= n;
        }

        return p;
    }
}
