using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>h = (1 − z)·n + z·h, n = tanh(W·x + b + r·(U·h + b')), gates r, z = σ(…) (Cho et al. 2014, arXiv:1406.1078).</summary>
internal sealed class GruDynamics : GatedDynamics
{
    private readonly CorrelationOverTime candidateArgument;
    private readonly OverTime recalled;
    private readonly OverTime candidates;
    private readonly OverTime[] states;

    // E n(t)·h(s), by what the update gate has in common over time, t and s.
    private readonly double[][][] candidateState = new double[Count][][];
    private readonly double[] row;

    public GruDynamics(in CellWeights weights, OverTime input)
        : base(weights, input)
    {
        (candidateArgument, recalled, candidates) = (new(Steps), new(Steps), new(Steps));
        (states, row) = (Moments(Steps), new double[Steps]);
        for (var u = 0; u < Count; u++)
        {
            candidateState[u] = new double[Steps][];
            for (var t = 0; t < Steps; t++)
                candidateState[u][t] = new double[Steps];
        }

        for (var t = 0; t < Steps; t++)
            Step(t);
        for (var u = 0; u < Count; u++)
            ExtendCandidateState(candidateState[u], u);
    }

    protected override double CandidateShare => 1 - Keeper[Steps - 1].Mean;

    public override OverTime Backward(OverTime output)
    {
        var gates = new OverTime(Steps);
        // E δh(t)·δh(s) for all s from t on, what enters it from outside and by weight_hh, and what weight_hh sends back one step later, which differs from
        // what enters the gates by r in the candidate's way.
        var (memory, fresh, returned) = (Rows(Steps), new double[Steps], new double[Steps + 1]);
        for (var t = Steps - 1; t >= 0; t--)
        {
            for (var s = t; s < Steps; s++)
                fresh[s] = output[t, s] + Weights.Hidden * returned[s + 1];
            for (var u = 0; u < Count; u++)
                Remember(memory[u], fresh, t, u);
            for (var s = t; s < Steps; s++)
            {
                var rho = Argument[t, s];
                var (updated, proposed) = Parts(memory, t, s, rho);
                var resetting = recalled[t, s] * Gate[t].SlopeProduct(rho);
                gates[t, s] = updated + proposed * (1 + resetting);
                returned[s] = updated + proposed * (Gate[t].Product(rho) + resetting);
            }
        }

        return gates;
    }

    private void Step(int t)
    {
        OpenGates(t);
        for (var s = 0; s <= t; s++)
        {
            recalled[t, s] = (s > 0 ? Weights.Hidden * Output[t - 1, s - 1] : 0) + Weights.HiddenBias;
            var reopened = s == t ? Gate[t].Square : Gate[t].Product(Argument[t, s]);
            row[s] = Weights.Input * Input[t, s] + Weights.InputBias + reopened * recalled[t, s];
        }

        candidateArgument.Add(t, row);
        Candidate[t] = GateMoments.Tanh(candidateArgument.Variances[t]);
        for (var s = 0; s < t; s++)
            candidates[t, s] = Candidate[t].Product(candidateArgument[t, s]);
        candidates[t, t] = Candidate[t].Square;
        for (var u = 0; u < Count; u++)
            Accumulate(states[u], candidateState[u][t], t, u);
        for (var s = 0; s <= t; s++)
            Output[t, s] = Mean(states, t, s);
    }

    /// <summary>E h(t)·h(s) for all s up to t, by E n(t)·h(s) on the way.</summary>
    private void Accumulate(OverTime h, double[] nh, int t, int u)
    {
        var (kept, square) = (Kept[u], KeptSquare[u][t]);
        var z = kept[t];
        for (var s = 0; s < t; s++)
        {
            nh[s] = (1 - kept[s]) * candidates[t, s] + (s > 0 ? kept[s] * nh[s - 1] : 0);
            h[t, s] = z * h[t - 1, s] + (1 - z) * nh[s];
        }

        var before = t > 0 ? square * h[t - 1, t - 1] + 2 * (z - square) * nh[t - 1] : 0;
        h[t, t] = before + (1 - 2 * z + square) * candidates[t, t];
    }

    /// <summary>E n(t)·h(s) for the steps from t on.</summary>
    private void ExtendCandidateState(double[][] nh, int u)
    {
        for (var t = 0; t < Steps; t++)
        {
            for (var s = t; s < Steps; s++)
                nh[t][s] = (s > 0 ? Kept[u][s] * nh[t][s - 1] : 0) + (1 - Kept[u][s]) * candidates[t, s];
        }
    }

    /// <summary>One step of δh(t) = z(t + 1)·δh(t + 1) + what comes back by weight_hh and from outside.</summary>
    private void Remember(double[] memory, double[] fresh, int t, int u)
    {
        var (kept, entering) = (Kept[u], 0.0);
        var (keep, next) = t < Steps - 1 ? (kept[t + 1], memory[t + 1]) : (0, 0);
        for (var s = Steps - 1; s > t; s--)
        {
            entering = fresh[s] + (s < Steps - 1 ? kept[s + 1] * entering : 0);
            memory[s] = keep * memory[s] + entering;
        }

        var later = t < Steps - 1 ? KeptSquare[u][t + 1] * next + 2 * keep * entering : 0;
        memory[t] = fresh[t] + later;
    }

    /// <summary>The gradient of the update gate's argument, (h − n)·z', and of the candidate's, (1 − z)·n'.</summary>
    private (double Update, double Candidate) Parts(double[][] memory, int t, int s, double rho)
    {
        double updated = 0, proposed = 0;
        for (var u = 0; u < Count; u++)
        {
            var weighted = GateMoments.StaticWeights[u] * memory[u][s];
            var (nh, kept) = (candidateState[u], Kept[u]);
            var difference = candidates[t, s] - (s > 0 ? nh[t][s - 1] : 0) + (t > 0 ? states[u][t - 1, s - 1] - nh[s][t - 1] : 0);
            updated += weighted * difference;
            proposed += weighted * (s == t ? 1 - 2 * kept[t] + KeptSquare[u][t] : (1 - kept[t]) * (1 - kept[s]));
        }

        return (updated * Keeper[t].SlopeProduct(rho), proposed * Candidate[t].SlopeProduct(candidateArgument[t, s]));
    }
}
