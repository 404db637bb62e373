using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>c = f·c + i·g, h = o·tanh c with gates i, f, o = σ(…) and g = tanh(…) (Hochreiter and Schmidhuber 1997).</summary>
internal sealed class LstmDynamics : GatedDynamics
{
    private readonly CorrelationOverTime cell;
    private readonly OverTime[] cells;
    private readonly GateMoments[] exit;
    private readonly double[] commonGate;
    private readonly double[] row;

    public LstmDynamics(in CellWeights weights, OverTime input)
        : base(weights, input)
    {
        (cell, cells, exit) = (new(Steps), Moments(Steps), new GateMoments[Steps]);
        (commonGate, row) = (new double[Steps], new double[Steps]);
        for (var t = 0; t < Steps; t++)
            Step(t);
    }

    // The output gate passes it.
    protected override double CandidateShare => Gate[Steps - 1].Mean;

    public override OverTime Backward(OverTime output)
    {
        var gates = new OverTime(Steps);
        // E δc(t)·δc(s) and E δh(t)·δh(s) for all s from t on, and the gradient of the gates one step later.
        var (memory, state, later) = (Rows(Steps), new double[Steps], new double[Steps + 1]);
        for (var t = Steps - 1; t >= 0; t--)
        {
            for (var s = t; s < Steps; s++)
                state[s] = output[t, s] + Weights.Hidden * later[s + 1];
            for (var u = 0; u < Count; u++)
                Remember(memory[u], state, t, u);
            for (var s = t; s < Steps; s++)
                gates[t, s] = later[s] = Gates(memory, state, t, s);
        }

        return gates;
    }

    private void Step(int t)
    {
        var common = OpenGates(t);
        var q = Argument.Variances[t];
        Candidate[t] = GateMoments.Tanh(q);
        commonGate[t] = Math.Sqrt(Gate[t].Product(q > 0 ? Math.Min(1, common / q) : 1));
        for (var u = 0; u < Count; u++)
            Accumulate(cells[u], t, u);
        for (var s = 0; s <= t; s++)
            row[s] = Mean(cells, t, s);
        cell.Add(t, row);
        exit[t] = GateMoments.Tanh(cell.Variances[t]);
        for (var s = 0; s < t; s++)
            Output[t, s] = Gate[t].Product(Argument[t, s]) * exit[t].Product(cell[t, s]);
        Output[t, t] = Gate[t].Square * exit[t].Square;
    }

    /// <summary>E c(t)·c(s) for all s up to t, by E g(t)·c(s) on the way.</summary>
    private void Accumulate(OverTime c, int t, int u)
    {
        var (kept, entering) = (Kept[u], 0.0);
        for (var s = 0; s < t; s++)
        {
            entering = kept[s] * entering + commonGate[t] * Candidate[t].Product(Argument[t, s]);
            c[t, s] = kept[t] * c[t - 1, s] + commonGate[t] * entering;
        }

        var before = t > 0 ? KeptSquare[u][t] * c[t - 1, t - 1] + 2 * kept[t] * commonGate[t] * entering : 0;
        c[t, t] = before + Gate[t].Square * Candidate[t].Square;
    }

    /// <summary>One step of δc(t) = δh(t)·o·(1 − tanh² c) + f(t + 1)·δc(t + 1).</summary>
    private void Remember(double[] memory, double[] state, int t, int u)
    {
        var (kept, entering) = (Kept[u], 0.0);
        var (opening, keep) = (Opening(t), t < Steps - 1 ? kept[t + 1] : 0);
        var next = t < Steps - 1 ? memory[t + 1] : 0;
        for (var s = Steps - 1; s > t; s--)
        {
            entering = state[s] * Opening(s) + (s < Steps - 1 ? kept[s + 1] * entering : 0);
            memory[s] = opening * entering + keep * memory[s];
        }

        var later = t < Steps - 1 ? KeptSquare[u][t + 1] * next + 2 * opening * keep * entering : 0;
        memory[t] = state[t] * Gate[t].Square * exit[t].SlopeSquare + later;
    }

    /// <summary>What of o·(1 − tanh² c) stays the same from step to step: c moves slowly.</summary>
    private double Opening(int t) => commonGate[t] * Math.Sqrt(exit[t].SlopeSquare);

    private double Gates(double[][] memory, double[] state, int t, int s)
    {
        var rho = Argument[t, s];
        var candidateAndInput = Gate[t].Product(rho) * Candidate[t].SlopeProduct(rho) + Candidate[t].Product(rho) * Gate[t].SlopeProduct(rho);
        var forgetting = Keeper[t].SlopeProduct(rho);
        var sum = state[s] * exit[t].Product(cell[t, s]) * Gate[t].SlopeProduct(rho);
        for (var u = 0; u < Count; u++)
            sum += GateMoments.StaticWeights[u] * memory[u][s] * (candidateAndInput + (t > 0 ? cells[u][t - 1, s - 1] * forgetting : 0));
        return sum;
    }
}
