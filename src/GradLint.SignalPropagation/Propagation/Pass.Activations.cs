using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

// Activations, and max pooling next to one.
internal sealed partial class Pass
{
    private Signal ForwardActivation(Step step, Activation function, Signal input)
    {
        var shape = function.Kind == ActivationKind.GLU ? input with { Width = input.Width / 2 } : input;
        if (!input.Known)
            return shape.Unknown();
        if (ActivationMoments.Of(function) is not { } moments)
            return Give(step, shape, function.IsElementwise ? $"a parameter of {function} is unknown" : $"{function.Name} between layers is not modelled");
        if (function.Kind == ActivationKind.Identity)
            return input;
        var q = input.Square;
        if (input.LargestOf > 1)
            return Winning(step, function, moments, input);
        var unit = moments.Unit(q);
        return shape with
        {
            Square = unit.Square,
            AcrossSamples = Pair(moments, unit, q, input.AcrossSamples).Product,
            AcrossPositions = Pair(moments, unit, q, input.AcrossPositions).Product,
            Mean = unit.Mean,
            Fresh = -1,
        };
    }

    private void BackwardActivation(Step step, Activation function, Gradient gradient, Signal input)
    {
        if (ActivationMoments.Of(function) is not { } moments)
        {
            SendUnknown(step, $"{function.Name} between layers is not modelled");
            return;
        }

        if (step.Winner is { } winner)
        {
            Send(step, 0, gradient with
            {
                LogNorm = gradient.LogNorm + Log(winner.SlopeSquare),
                AcrossSamples = gradient.AcrossSamples * winner.AcrossSamples,
                AcrossPositions = gradient.AcrossPositions * winner.AcrossPositions,
                AcrossBoth = gradient.AcrossBoth * winner.AcrossSamples,
            });
            return;
        }

        if (!input.Known && moments is not PiecewiseLinearMoments)
        {
            SendUnknown(step, null);
            return;
        }

        // The slope of a piecewise linear function does not depend on the scale.
        var q = input.Known ? input.Square : 1;
        var unit = moments.Unit(q);
        var samples = Pair(moments, unit, q, input.Known ? input.AcrossSamples : 0).SlopeProduct / unit.SlopeSquare;
        var positions = Pair(moments, unit, q, input.Known ? input.AcrossPositions : 0).SlopeProduct / unit.SlopeSquare;
        if (!(unit.SlopeSquare > 0))
        {
            Send(step, 0, gradient with { LogNorm = double.NegativeInfinity });
            return;
        }

        var pairCosine = MeanOverPairs(input.Positions, 0, gradient.AcrossPositions, gradient.AcrossSamples, gradient.AcrossBoth);
        Send(step, 0, gradient with
        {
            LogNorm = gradient.LogNorm + Math.Log(unit.SlopeSquare),
            AcrossSamples = gradient.AcrossSamples * samples,
            AcrossPositions = gradient.AcrossPositions * positions,
            AcrossBoth = gradient.AcrossBoth * samples,
            OverlapSelf = unit.SlopeSquareZ / unit.SlopeSquare,
            OverlapPair = unit.SlopeZ * unit.SlopeZ / unit.SlopeSquare * pairCosine,
            Variance = gradient.Variance + SlopeVariance(unit, gradient, samples, positions, input.Positions) / (input.Width ?? AssumedWidth),
        });
    }

    /// <summary>What the units' uneven slopes add to the relative variance of Σ (φ'·w·δ)² beyond that of Σ (w·δ)².</summary>
    private double SlopeVariance(UnitMoments unit, Gradient g, double samples, double positions, double? count)
    {
        var excess = unit.SlopeFourth / (unit.SlopeSquare * unit.SlopeSquare) - 1;
        // E φ'²φ'² of a pair lies between 1 (independent) and 1 + excess (equal), as E φ'φ' lies between (E φ')² and E φ'².
        var independent = unit.SlopeMean * unit.SlopeMean / unit.SlopeSquare;
        double Excess(double pair) => independent < 1 - 1e-9 ? excess * Math.Max(0, Math.Min(1, (pair - independent) / (1 - independent))) : 0;
        double Part(double pair, double cosine) => Excess(pair) * (1 + 2 * cosine * cosine);
        return MeanOverPairs(count, excess * 3, Part(positions, g.AcrossPositions), Part(samples, g.AcrossSamples), Part(samples, g.AcrossBoth));
    }

    private static PairMoments Pair(ActivationMoments moments, UnitMoments unit, double q, double c) =>
        c >= q * (1 - 1e-12) ? new(unit.Square, unit.SlopeSquare) : moments.Pair(q, c);

    /// <summary>φ of the largest of several equally correlated Gaussians.</summary>
    private Signal Winning(Step step, Activation function, ActivationMoments moments, Signal input)
    {
        var (signal, winner) = MaxOf(function, moments, input, input.LargestOf);
        step.Winner = winner;
        return signal with { LargestOf = 1, Fresh = -1 };
    }

    private static (Signal Signal, Winner Winner) MaxOf(Activation function, ActivationMoments moments, Signal input, double count)
    {
        var q = input.Square;
        var near = q > 0 ? Math.Max(0, Math.Min(1, input.AcrossPositions / q)) : 1;
        var (mean, square, slopeSquare) = LargestGaussian.Moments(function, q, near, count);
        // Between independent (mean²) and equal (square) as the single Gaussians' products are.
        var unit = moments.Unit(q);
        var samples = Pair(moments, unit, q, input.AcrossSamples);
        var positions = Pair(moments, unit, q, input.AcrossPositions);
        var floor = moments.Pair(q, 0);
        double Between(double value, double low, double high) => high > low ? Math.Max(0, (value - low) / (high - low)) : 1;
        double Product(PairMoments p) => mean * mean + (square - mean * mean) * Between(p.Product, floor.Product, unit.Square);
        // The slope of a winner: its square's share that all winners have in common grows in the same way.
        double Slope(PairMoments p)
        {
            var low = slopeSquare / Math.Max(unit.SlopeSquare, 1e-300) * (floor.SlopeProduct / unit.SlopeSquare);
            low = Math.Min(1, low);
            return low + (1 - low) * Between(p.SlopeProduct, floor.SlopeProduct, unit.SlopeSquare);
        }

        return (input with { Square = square, Mean = mean, AcrossSamples = Product(samples), AcrossPositions = Product(positions) },
            new Winner(slopeSquare, Slope(samples), Slope(positions)));
    }
}
