using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>
/// c = f·c + i·g, h = o·tanh c with gates i, f, o = σ(…) and g = tanh(…) (Hochreiter and Schmidhuber 1997). The cell's memory is carried for
/// each value of what the forget gate has in common over time (<see cref="GateMoments.SigmoidGivenStatic"/>).
/// </summary>
internal sealed class LstmDynamics : CellDynamics
{
    private const int Count = GateMoments.StaticCount;

    private readonly OverTime argument;
    private readonly OverTime cell;
    private readonly OverTime[] cells = new OverTime[Count];
    private readonly GateMoments[] forget;
    private readonly GateMoments[] gate;
    private readonly GateMoments[] candidate;
    private readonly GateMoments[] exit;
    private readonly double[] commonGate;
    private readonly double[][] kept;
    private readonly double[][] keptSquare;

    public LstmDynamics(in CellWeights weights, OverTime input)
        : base(weights, input)
    {
        (argument, cell, Output) = (new OverTime(Steps), new OverTime(Steps), new OverTime(Steps));
        for (var u = 0; u < Count; u++)
            cells[u] = new OverTime(Steps);
        (forget, gate, candidate, exit) = (new GateMoments[Steps], new GateMoments[Steps], new GateMoments[Steps], new GateMoments[Steps]);
        commonGate = new double[Steps];
        (kept, keptSquare) = (new double[Steps][], new double[Steps][]);
        for (var t = 0; t < Steps; t++)
            Step(t);
    }

    public override OverTime Output { get; }

    protected override double HiddenShare
    {
        get
        {
            var last = Steps - 1;
            var through = Math.Sqrt(Weights.Hidden * candidate[last].SlopeSquare) * gate[last].Mean * gate[last].Mean;
            return through / (through + forget[last].Mean);
        }
    }

    public override double Coherence
    {
        get
        {
            var (t, rho) = (Steps - 1, Correlation(argument, Steps - 1, Steps / 2));
            return candidate[t].SlopeProduct(rho) / candidate[t].SlopeSquare * gate[t].Product(rho) / gate[t].Square;
        }
    }

    public override OverTime Backward(OverTime output)
    {
        var gates = new OverTime(Steps);
        var memory = new OverTime[Count];
        for (var u = 0; u < Count; u++)
            memory[u] = new OverTime(Steps);
        var state = new OverTime(Steps);
        var row = new double[Steps];
        for (var t = Steps - 1; t >= 0; t--)
        {
            for (var s = t; s < Steps; s++)
                state[t, s] = output[t, s] + (s < Steps - 1 ? Weights.Hidden * gates[t + 1, s + 1] : 0);
            for (var u = 0; u < Count; u++)
                Remember(memory[u], state, t, u);
            for (var s = t; s < Steps; s++)
                row[s] = Gates(memory, state, t, s);
            for (var s = t; s < Steps; s++)
                gates[t, s] = row[s];
        }

        return gates;
    }

    private void Step(int t)
    {
        Argument(argument, Output, t, Weights.InputBias + Weights.HiddenBias);
        var q = argument[t, t];
        var common = Static(argument, t, Weights.InputBias + Weights.HiddenBias);
        forget[t] = GateMoments.Sigmoid(q, Weights.MemoryBias);
        gate[t] = GateMoments.Sigmoid(q, 0);
        candidate[t] = GateMoments.Tanh(q);
        commonGate[t] = Math.Sqrt(gate[t].Product(q > 0 ? Math.Min(1, common / q) : 1));
        (kept[t], keptSquare[t]) = (new double[Count], new double[Count]);
        GateMoments.SigmoidGivenStatic(q, common, Weights.MemoryBias, kept[t], keptSquare[t]);
        for (var u = 0; u < Count; u++)
            Accumulate(cells[u], t, u);
        for (var s = 0; s <= t; s++)
        {
            var mean = 0.0;
            for (var u = 0; u < Count; u++)
                mean += GateMoments.StaticWeights[u] * cells[u][t, s];
            cell[t, s] = mean;
        }

        exit[t] = GateMoments.Tanh(cell[t, t]);
        for (var s = 0; s < t; s++)
            Output[t, s] = gate[t].Product(Correlation(argument, t, s)) * exit[t].Product(Correlation(cell, t, s));
        Output[t, t] = gate[t].Square * exit[t].Square;
    }

    /// <summary>E c(t)·c(s) for all s up to t, by E g(t)·c(s) on the way.</summary>
    private void Accumulate(OverTime c, int t, int u)
    {
        var entering = 0.0;
        for (var s = 0; s < t; s++)
        {
            entering = (s > 0 ? kept[s][u] * entering : 0) + commonGate[t] * candidate[t].Product(Correlation(argument, t, s));
            c[t, s] = kept[t][u] * c[t - 1, s] + commonGate[t] * entering;
        }

        var before = t > 0 ? keptSquare[t][u] * c[t - 1, t - 1] + 2 * kept[t][u] * commonGate[t] * entering : 0;
        c[t, t] = before + gate[t].Square * candidate[t].Square;
    }

    /// <summary>E δc(t)·δc(s) for all s from t on, δc(t) = δh(t)·o·(1 − tanh² c) + f(t + 1)·δc(t + 1).</summary>
    private void Remember(OverTime memory, OverTime state, int t, int u)
    {
        var entering = 0.0;
        for (var s = Steps - 1; s > t; s--)
        {
            entering = state[t, s] * Opening(s) + (s < Steps - 1 ? kept[s + 1][u] * entering : 0);
            memory[t, s] = Opening(t) * entering + kept[t + 1][u] * memory[t + 1, s];
        }

        var later = t < Steps - 1 ? keptSquare[t + 1][u] * memory[t + 1, t + 1] + 2 * Opening(t) * kept[t + 1][u] * entering : 0;
        memory[t, t] = state[t, t] * gate[t].Square * exit[t].SlopeSquare + later;
    }

    /// <summary>What of o·(1 − tanh² c) stays the same from step to step: c moves slowly.</summary>
    private double Opening(int t) => commonGate[t] * Math.Sqrt(exit[t].SlopeSquare);

    private double Gates(OverTime[] memory, OverTime state, int t, int s)
    {
        var rho = Correlation(argument, t, s);
        var candidateAndInput = gate[t].Product(rho) * candidate[t].SlopeProduct(rho) + candidate[t].Product(rho) * gate[t].SlopeProduct(rho);
        var forgetting = forget[t].SlopeProduct(rho);
        var sum = state[t, s] * exit[t].Product(Correlation(cell, t, s)) * gate[t].SlopeProduct(rho);
        for (var u = 0; u < Count; u++)
            sum += GateMoments.StaticWeights[u] * memory[u][t, s] * (candidateAndInput + (t > 0 ? cells[u][t - 1, s - 1] * forgetting : 0));
        return sum;
    }
}
