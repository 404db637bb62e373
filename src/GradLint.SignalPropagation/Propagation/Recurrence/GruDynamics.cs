using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>
/// h = (1 − z)·n + z·h, n = tanh(W·x + b + r·(U·h + b')), gates r, z = σ(…) (Cho et al. 2014, arXiv:1406.1078). The state is carried for each value
/// of what the update gate has in common over time (<see cref="GateMoments.SigmoidGivenStatic"/>).
/// </summary>
internal sealed class GruDynamics : CellDynamics
{
    private const int Count = GateMoments.StaticCount;

    private readonly OverTime argument;
    private readonly OverTime candidateArgument;
    private readonly OverTime recalled;
    private readonly OverTime candidates;
    private readonly OverTime[] states = new OverTime[Count];
    private readonly double[][,] candidateState = new double[Count][,];
    private readonly GateMoments[] update;
    private readonly GateMoments[] reset;
    private readonly GateMoments[] candidate;
    private readonly double[][] kept;
    private readonly double[][] keptSquare;

    public GruDynamics(in CellWeights weights, OverTime input)
        : base(weights, input)
    {
        (argument, candidateArgument, recalled, candidates, Output) = (new(Steps), new(Steps), new(Steps), new(Steps), new(Steps));
        for (var u = 0; u < Count; u++)
            (states[u], candidateState[u]) = (new OverTime(Steps), new double[Steps, Steps]);
        (update, reset, candidate) = (new GateMoments[Steps], new GateMoments[Steps], new GateMoments[Steps]);
        (kept, keptSquare) = (new double[Steps][], new double[Steps][]);
        for (var t = 0; t < Steps; t++)
            Step(t);
        for (var u = 0; u < Count; u++)
            ExtendCandidateState(candidateState[u], u);
    }

    public override OverTime Output { get; }

    protected override double HiddenShare
    {
        get
        {
            var last = Steps - 1;
            var through = Math.Sqrt(Weights.Hidden * candidate[last].SlopeSquare) * reset[last].Mean * (1 - update[last].Mean);
            return through / (through + update[last].Mean);
        }
    }

    public override double Coherence
    {
        get
        {
            var (t, rho) = (Steps - 1, Correlation(argument, Steps - 1, Steps / 2));
            return candidate[t].SlopeProduct(rho) / candidate[t].SlopeSquare * reset[t].Product(rho) / reset[t].Square;
        }
    }

    public override OverTime Backward(OverTime output)
    {
        var gates = new OverTime(Steps);
        // What weight_hh sends back differs from what enters the gates by r in the candidate's way.
        var returned = new OverTime(Steps);
        var memory = new OverTime[Count];
        for (var u = 0; u < Count; u++)
            memory[u] = new OverTime(Steps);
        var fresh = new double[Steps];
        for (var t = Steps - 1; t >= 0; t--)
        {
            for (var s = t; s < Steps; s++)
                fresh[s] = output[t, s] + (s < Steps - 1 ? Weights.Hidden * returned[t + 1, s + 1] : 0);
            for (var u = 0; u < Count; u++)
                Remember(memory[u], fresh, t, u);
            for (var s = t; s < Steps; s++)
            {
                var rho = Correlation(argument, t, s);
                var (updated, proposed) = Parts(memory, t, s, rho);
                var resetting = recalled[t, s] * reset[t].SlopeProduct(rho);
                gates[t, s] = updated + proposed * (1 + resetting);
                returned[t, s] = updated + proposed * (reset[t].Product(rho) + resetting);
            }
        }

        return gates;
    }

    private void Step(int t)
    {
        var bias = Weights.InputBias + Weights.HiddenBias;
        Argument(argument, Output, t, bias);
        var q = argument[t, t];
        update[t] = GateMoments.Sigmoid(q, Weights.MemoryBias);
        reset[t] = GateMoments.Sigmoid(q, 0);
        (kept[t], keptSquare[t]) = (new double[Count], new double[Count]);
        GateMoments.SigmoidGivenStatic(q, Static(argument, t, bias), Weights.MemoryBias, kept[t], keptSquare[t]);
        for (var s = 0; s <= t; s++)
        {
            recalled[t, s] = (s > 0 ? Weights.Hidden * Output[t - 1, s - 1] : 0) + Weights.HiddenBias;
            var reopened = s == t ? reset[t].Square : reset[t].Product(Correlation(argument, t, s));
            candidateArgument[t, s] = Weights.Input * Input[t, s] + Weights.InputBias + reopened * recalled[t, s];
        }

        candidate[t] = GateMoments.Tanh(candidateArgument[t, t]);
        for (var s = 0; s <= t; s++)
            candidates[t, s] = s == t ? candidate[t].Square : candidate[t].Product(Correlation(candidateArgument, t, s));
        for (var u = 0; u < Count; u++)
            Accumulate(states[u], candidateState[u], t, u);
        for (var s = 0; s <= t; s++)
        {
            var mean = 0.0;
            for (var u = 0; u < Count; u++)
                mean += GateMoments.StaticWeights[u] * states[u][t, s];
            Output[t, s] = mean;
        }
    }

    /// <summary>E h(t)·h(s) for all s up to t, by E n(t)·h(s) on the way.</summary>
    private void Accumulate(OverTime h, double[,] nh, int t, int u)
    {
        var z = kept[t][u];
        for (var s = 0; s < t; s++)
        {
            nh[t, s] = (1 - kept[s][u]) * candidates[t, s] + (s > 0 ? kept[s][u] * nh[t, s - 1] : 0);
            h[t, s] = z * h[t - 1, s] + (1 - z) * nh[t, s];
        }

        var before = t > 0 ? keptSquare[t][u] * h[t - 1, t - 1] + 2 * (z - keptSquare[t][u]) * nh[t, t - 1] : 0;
        h[t, t] = before + (1 - 2 * z + keptSquare[t][u]) * candidates[t, t];
    }

    /// <summary>E n(t)·h(s) for the steps from t on.</summary>
    private void ExtendCandidateState(double[,] nh, int u)
    {
        for (var t = 0; t < Steps; t++)
        {
            for (var s = t; s < Steps; s++)
                nh[t, s] = (s > 0 ? kept[s][u] * nh[t, s - 1] : 0) + (1 - kept[s][u]) * candidates[t, s];
        }
    }

    /// <summary>E δh(t)·δh(s) for all s from t on, δh(t) = z(t + 1)·δh(t + 1) + what comes back by weight_hh and from outside.</summary>
    private void Remember(OverTime memory, double[] fresh, int t, int u)
    {
        var entering = 0.0;
        for (var s = Steps - 1; s > t; s--)
        {
            entering = fresh[s] + (s < Steps - 1 ? kept[s + 1][u] * entering : 0);
            memory[t, s] = kept[t + 1][u] * memory[t + 1, s] + entering;
        }

        var later = t < Steps - 1 ? keptSquare[t + 1][u] * memory[t + 1, t + 1] + 2 * kept[t + 1][u] * entering : 0;
        memory[t, t] = fresh[t] + later;
    }

    /// <summary>The gradient of the update gate's argument, (h − n)·z', and of the candidate's, (1 − z)·n'.</summary>
    private (double Update, double Candidate) Parts(OverTime[] memory, int t, int s, double rho)
    {
        double updated = 0, proposed = 0;
        for (var u = 0; u < Count; u++)
        {
            var weighted = GateMoments.StaticWeights[u] * memory[u][t, s];
            var nh = candidateState[u];
            var difference = candidates[t, s] - (s > 0 ? nh[t, s - 1] : 0) + (t > 0 ? states[u][t - 1, s - 1] - nh[s, t - 1] : 0);
            updated += weighted * difference;
            proposed += weighted * (s == t ? 1 - 2 * kept[t][u] + keptSquare[t][u] : (1 - kept[t][u]) * (1 - kept[s][u]));
        }

        return (updated * update[t].SlopeProduct(rho), proposed * candidate[t].SlopeProduct(Correlation(candidateArgument, t, s)));
    }
}
