using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>h = φ(W·x + U·h + b), φ tanh or ReLU (Elman 1990).</summary>
internal sealed class ElmanDynamics : CellDynamics
{
    private readonly ActivationMoments moments;
    private readonly OverTime argument;
    private readonly UnitMoments[] units;

    public ElmanDynamics(RecurrentCell cell, in CellWeights weights, OverTime input)
        : base(weights, input)
    {
        moments = ActivationMoments.Of(cell == RecurrentCell.ReLU ? Activation.ReLU : Activation.Tanh)!;
        argument = new OverTime(Steps);
        units = new UnitMoments[Steps];
        Output = new OverTime(Steps);
        for (var t = 0; t < Steps; t++)
        {
            Argument(argument, Output, t, weights.InputBias + weights.HiddenBias);
            units[t] = moments.Unit(argument[t, t]);
            for (var s = 0; s < t; s++)
                Output[t, s] = Pair(t, s).Product;
            Output[t, t] = units[t].Square;
        }
    }

    public override OverTime Output { get; }

    protected override double HiddenShare => 1;

    public override double Coherence
    {
        get
        {
            var last = Steps - 1;
            return units[last].SlopeSquare > 0 ? Pair(last, last / 2).SlopeProduct / units[last].SlopeSquare : 1;
        }
    }

    public override OverTime Backward(OverTime output)
    {
        var gates = new OverTime(Steps);
        var amplification = new Amplification(Weights, Steps, Coherence);
        for (var t = Steps - 1; t >= 0; t--)
        {
            for (var s = Steps - 1; s >= t; s--)
            {
                var state = output[t, s] + (s < Steps - 1 ? Weights.Hidden * amplification.At(Steps - 1 - s) * gates[t + 1, s + 1] : 0);
                gates[t, s] = state * (s == t ? units[t].SlopeSquare : Pair(t, s).SlopeProduct);
            }
        }

        return gates;
    }

    // The arguments of two steps differ a little in variance; their correlation is what matters.
    private PairMoments Pair(int t, int s)
    {
        var q = argument[t, t];
        return moments.Pair(q, q * Correlation(argument, t, s));
    }
}
