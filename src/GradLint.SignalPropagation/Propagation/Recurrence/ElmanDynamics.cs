using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>h = φ(W·x + U·h + b), φ tanh or ReLU (Elman 1990).</summary>
internal sealed class ElmanDynamics : CellDynamics
{
    private readonly ActivationMoments moments;
    private readonly CorrelationOverTime argument;
    private readonly double[] correlations;
    private readonly PairMoments[] pairs;
    private OverTime? slopes;

    public ElmanDynamics(RecurrentCell cell, in CellWeights weights, OverTime input)
        : base(weights, input)
    {
        moments = ActivationMoments.Of(cell == RecurrentCell.ReLU ? Activation.ReLU : Activation.Tanh)!;
        (argument, correlations, pairs) = (new(Steps), new double[Steps], new PairMoments[Steps]);
        for (var t = 0; t < Steps; t++)
        {
            AddArgument(argument, t, weights.InputBias + weights.HiddenBias, correlations);
            var unit = Pairs(t, 0, t);
            for (var s = 0; s < t; s++)
                Output[t, s] = pairs[s].Product;
            Output[t, t] = unit.Square;
            if (t == Steps - 1)
                Coherence = t > 0 && unit.SlopeSquare > 0 ? pairs[t / 2].SlopeProduct / unit.SlopeSquare : 1;
        }
    }

    public override double Coherence { get; }

    protected override double HiddenShare => 1;

    public override OverTime Backward(OverTime output)
    {
        slopes ??= Slopes();
        var gates = new OverTime(Steps);
        var amplification = new Amplification(Weights, Steps, Coherence);
        var growth = new double[Steps];
        for (var s = 0; s < Steps; s++)
            growth[s] = Weights.Hidden * amplification.At(Steps - 1 - s);
        for (var t = Steps - 1; t >= 0; t--)
        {
            for (var s = Steps - 1; s >= t; s--)
                gates[t, s] = (output[t, s] + (s < Steps - 1 ? growth[s] * gates[t + 1, s + 1] : 0)) * slopes[t, s];
        }

        return gates;
    }

    /// <summary>E φ'(u)φ'(v) of each two steps, at the variance of the earlier one.</summary>
    private OverTime Slopes()
    {
        var result = new OverTime(Steps);
        for (var t = 0; t < Steps; t++)
        {
            result[t, t] = Pairs(t, t + 1, Steps).SlopeSquare;
            for (var s = t + 1; s < Steps; s++)
                result[t, s] = pairs[s - t - 1].SlopeProduct;
        }

        return result;
    }

    /// <summary>Step <paramref name="t"/> with the steps from one to before another. The arguments of two steps differ a little in variance; their
    /// correlation is what matters.</summary>
    private UnitMoments Pairs(int t, int from, int to)
    {
        for (var s = from; s < to; s++)
            correlations[s - from] = argument[t, s];
        return moments.Pairs(argument.Variances[t], correlations, pairs, to - from);
    }
}
