using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>What LSTM and GRU have in common: gates and a candidate that read the same argument, W·x + U·h + b, with other weights of the same kind. The memory
/// is carried for each value of what the gate that keeps it has in common over time (<see cref="GateMoments.SigmoidGivenStatic"/>).</summary>
internal abstract class GatedDynamics(in CellWeights weights, OverTime input) : CellDynamics(weights, input)
{
    protected const int Count = GateMoments.StaticCount;

    /// <summary>The gate that keeps the memory: forget (LSTM), update (GRU).</summary>
    protected readonly GateMoments[] Keeper = new GateMoments[input.Steps];

    /// <summary>The gate that what comes by weight_hh passes on its way into the memory: input (LSTM), reset (GRU).</summary>
    protected readonly GateMoments[] Gate = new GateMoments[input.Steps];

    /// <summary>What is proposed for the memory.</summary>
    protected readonly GateMoments[] Candidate = new GateMoments[input.Steps];

    /// <summary>Of the gates' arguments.</summary>
    protected readonly CorrelationOverTime Argument = new(input.Steps);

    /// <summary>Mean and mean square of the gate that keeps the memory, by what it has in common over time and by step.</summary>
    protected readonly double[][] Kept = Rows(input.Steps);

    /// <inheritdoc cref="Kept"/>
    protected readonly double[][] KeptSquare = Rows(input.Steps);

    private readonly double[] products = new double[input.Steps];
    private readonly double[] means = new double[Count];
    private readonly double[] squares = new double[Count];

    public override double Coherence
    {
        get
        {
            var (t, rho) = (Steps - 1, Argument[Steps - 1, Steps / 2]);
            return Candidate[t].SlopeProduct(rho) / Candidate[t].SlopeSquare * Gate[t].Product(rho) / Gate[t].Square;
        }
    }

    protected override double HiddenShare
    {
        get
        {
            var last = Steps - 1;
            var through = Math.Sqrt(Weights.Hidden * Candidate[last].SlopeSquare) * Gate[last].Mean * CandidateShare;
            return through / (through + Keeper[last].Mean);
        }
    }

    /// <summary>Mean of the gate that the candidate passes into the state at the last step.</summary>
    protected abstract double CandidateShare { get; }

    /// <summary>Argument and gates of a step, and what the argument shares with the step farthest from it: what stays the same over time.</summary>
    protected double OpenGates(int t)
    {
        var bias = Weights.InputBias + Weights.HiddenBias;
        AddArgument(Argument, t, bias, products);
        var q = Argument.Variances[t];
        var common = Math.Max(0, t > 0 ? products[0] : bias);
        Gate[t] = GateMoments.Sigmoid(q, 0);
        Keeper[t] = Weights.MemoryBias == 0 ? Gate[t] : GateMoments.Sigmoid(q, Weights.MemoryBias);
        GateMoments.SigmoidGivenStatic(q, common, Weights.MemoryBias, means, squares);
        for (var u = 0; u < Count; u++)
            (Kept[u][t], KeptSquare[u][t]) = (means[u], squares[u]);
        return common;
    }

    protected static double[][] Rows(int steps)
    {
        var rows = new double[Count][];
        for (var u = 0; u < Count; u++)
            rows[u] = new double[steps];
        return rows;
    }

    protected static OverTime[] Moments(int steps)
    {
        var moments = new OverTime[Count];
        for (var u = 0; u < Count; u++)
            moments[u] = new OverTime(steps);
        return moments;
    }

    /// <summary>What is expected over the values of what the gate has in common, of step <paramref name="t"/> with all steps up to it.</summary>
    protected static void Mean(OverTime[] moments, int t, double[] means)
    {
        Array.Clear(means, 0, t + 1);
        for (var u = 0; u < Count; u++)
        {
            var (weight, rows, row) = (GateMoments.StaticWeights[u], moments[u].Rows, OverTime.Row(t));
            for (var s = 0; s <= t; s++)
                means[s] += weight * rows[row + s];
        }
    }
}
