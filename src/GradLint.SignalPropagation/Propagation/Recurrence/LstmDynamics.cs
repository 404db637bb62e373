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
            Gates(memory, state, t, later);
            for (int s = t, at = OverTime.Row(t) + t; s < Steps; at += ++s)
                gates.Rows[at] = later[s];
        }

        return gates;
    }

    private void Step(int t)
    {
        var common = OpenGates(t);
        var q = Argument.Variances[t];
        Candidate[t] = GateMoments.Tanh(q);
        commonGate[t] = Math.Sqrt(Gate[t].Product(q > 0 ? Math.Min(1, common / q) : 1));
        var (arguments, first) = (Argument.Rows, OverTime.Row(t));
        ref readonly var candidate = ref Candidate[t];
        for (var s = 0; s < t; s++)
            row[s] = commonGate[t] * candidate.Product(arguments[first + s]);
        for (var u = 0; u < Count; u++)
            Accumulate(cells[u].Rows, row, t, u);
        Mean(cells, t, row);
        cell.Add(t, row);
        exit[t] = GateMoments.Tanh(cell.Variances[t]);
        var outputs = Output.Rows;
        ref readonly var gate = ref Gate[t];
        ref readonly var leaving = ref exit[t];
        for (var s = 0; s < t; s++)
            outputs[first + s] = gate.Product(arguments[first + s]) * leaving.Product(cell.Rows[first + s]);
        outputs[first + t] = gate.Square * leaving.Square;
    }

    /// <summary>E c(t)·c(s) for all s up to t, by E g(t)·c(s) on the way, where <paramref name="entries"/> holds E g(t)·i(s)g(s).</summary>
    private void Accumulate(double[] c, double[] entries, int t, int u)
    {
        var (row, before) = (OverTime.Row(t), OverTime.Row(t - 1));
        var (kept, entering) = (Kept[u], 0.0);
        var (keep, gate) = (kept[t], commonGate[t]);
        for (var s = 0; s < t; s++)
        {
            entering = kept[s] * entering + entries[s];
            c[row + s] = keep * c[before + s] + gate * entering;
        }

        var remembered = t > 0 ? KeptSquare[u][t] * c[row - 1] + 2 * keep * gate * entering : 0;
        c[row + t] = remembered + Gate[t].Square * Candidate[t].Square;
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

    /// <summary>Of the gradient of all gates' arguments at <paramref name="t"/> and all steps from it on.</summary>
    private void Gates(double[][] memory, double[] state, int t, double[] sums)
    {
        ref readonly var gate = ref Gate[t];
        ref readonly var candidate = ref Candidate[t];
        ref readonly var keeper = ref Keeper[t];
        ref readonly var leaving = ref exit[t];
        var (arguments, cellRows) = (Argument.Rows, cell.Rows);
        var (weights, first, second, third) = (GateMoments.StaticWeights, memory[0], memory[1], memory[2]);
        var (firstCell, secondCell, thirdCell) = (cells[0].Rows, cells[1].Rows, cells[2].Rows);
        // Step s and t − 1 and s − 1, t − 1 in rows of triangles.
        for (int s = t, at = OverTime.Row(t) + t; s < Steps; at += ++s)
        {
            var rho = arguments[at];
            var (passed, slope) = (gate.Product(rho), gate.SlopeProduct(rho));
            var candidateAndInput = passed * candidate.SlopeProduct(rho) + candidate.Product(rho) * slope;
            var sum = state[s] * leaving.Product(cellRows[at]) * slope
                + (weights[0] * first[s] + weights[1] * second[s] + weights[2] * third[s]) * candidateAndInput;
            if (t > 0)
            {
                var before = at - s - 1;
                sum += (weights[0] * first[s] * firstCell[before] + weights[1] * second[s] * secondCell[before] + weights[2] * third[s] * thirdCell[before])
                    * keeper.SlopeProduct(rho);
            }

            sums[s] = sum;
        }
    }
}
