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
        var (updated, proposed) = (new double[Steps], new double[Steps]);
        for (var t = Steps - 1; t >= 0; t--)
        {
            for (var s = t; s < Steps; s++)
                fresh[s] = output[t, s] + Weights.Hidden * returned[s + 1];
            for (var u = 0; u < Count; u++)
                Remember(memory[u], fresh, t, u);
            Parts(memory, t, updated, proposed);
            ref readonly var gate = ref Gate[t];
            ref readonly var keeper = ref Keeper[t];
            ref readonly var candidate = ref Candidate[t];
            for (int s = t, at = OverTime.Row(t) + t; s < Steps; at += ++s)
            {
                var rho = Argument.Rows[at];
                var (update, candidateGradient) = (updated[s] * keeper.SlopeProduct(rho), proposed[s] * candidate.SlopeProduct(candidateArgument.Rows[at]));
                var resetting = recalled.Rows[at] * gate.SlopeProduct(rho);
                gates.Rows[at] = update + candidateGradient * (1 + resetting);
                returned[s] = update + candidateGradient * (gate.Product(rho) + resetting);
            }
        }

        return gates;
    }

    private void Step(int t)
    {
        OpenGates(t);
        var (first, before) = (OverTime.Row(t), OverTime.Row(t - 1) - 1);
        ref readonly var gate = ref Gate[t];
        for (var s = 0; s <= t; s++)
        {
            var recall = recalled.Rows[first + s] = (s > 0 ? Weights.Hidden * Output.Rows[before + s] : 0) + Weights.HiddenBias;
            var reopened = s == t ? gate.Square : gate.Product(Argument.Rows[first + s]);
            row[s] = Weights.Input * Input.Rows[first + s] + Weights.InputBias + reopened * recall;
        }

        candidateArgument.Add(t, row);
        Candidate[t] = GateMoments.Tanh(candidateArgument.Variances[t]);
        ref readonly var candidate = ref Candidate[t];
        for (var s = 0; s < t; s++)
            candidates.Rows[first + s] = candidate.Product(candidateArgument.Rows[first + s]);
        candidates.Rows[first + t] = candidate.Square;
        for (var u = 0; u < Count; u++)
            Accumulate(states[u].Rows, candidateState[u][t], t, u);
        Mean(states, t, row);
        Array.Copy(row, 0, Output.Rows, first, t + 1);
    }

    /// <summary>E h(t)·h(s) for all s up to t, by E n(t)·h(s) on the way.</summary>
    private void Accumulate(double[] h, double[] nh, int t, int u)
    {
        var (row, before, proposed) = (OverTime.Row(t), OverTime.Row(t - 1), candidates.Rows);
        var (kept, square, last) = (Kept[u], KeptSquare[u][t], 0.0);
        var z = kept[t];
        for (var s = 0; s < t; s++)
        {
            nh[s] = last = (1 - kept[s]) * proposed[row + s] + kept[s] * last;
            h[row + s] = z * h[before + s] + (1 - z) * last;
        }

        var remembered = t > 0 ? square * h[row - 1] + 2 * (z - square) * last : 0;
        h[row + t] = remembered + (1 - 2 * z + square) * proposed[row + t];
    }

    /// <summary>E n(t)·h(s) for the steps from t on.</summary>
    private void ExtendCandidateState(double[][] nh, int u)
    {
        var (kept, proposed) = (Kept[u], candidates.Rows);
        for (var t = 0; t < Steps; t++)
        {
            var (row, last) = (nh[t], t > 0 ? nh[t][t - 1] : 0);
            for (int s = t, at = OverTime.Row(t) + t; s < Steps; at += ++s)
                row[s] = last = kept[s] * last + (1 - kept[s]) * proposed[at];
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

    /// <summary>What multiplies z' in the gradient of the update gate's argument, (h − n)·z', and n' in that of the candidate's, (1 − z)·n', at
    /// <paramref name="t"/> and all steps from it on.</summary>
    private void Parts(double[][] memory, int t, double[] updated, double[] proposed)
    {
        Array.Clear(updated, t, Steps - t);
        Array.Clear(proposed, t, Steps - t);
        for (var u = 0; u < Count; u++)
        {
            var (weight, remembered, nh) = (GateMoments.StaticWeights[u], memory[u], candidateState[u]);
            var (kept, state, proposal, own) = (Kept[u], states[u].Rows, candidates.Rows, candidateState[u][t]);
            for (int s = t, at = OverTime.Row(t) + t; s < Steps; at += ++s)
            {
                var weighted = weight * remembered[s];
                var difference = proposal[at] - (s > 0 ? own[s - 1] : 0) + (t > 0 ? state[at - s - 1] - nh[s][t - 1] : 0);
                updated[s] += weighted * difference;
                proposed[s] += weighted * (s == t ? 1 - 2 * kept[t] + KeptSquare[u][t] : (1 - kept[t]) * (1 - kept[s]));
            }
        }
    }
}
