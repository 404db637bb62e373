using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

// Activations, and max pooling next to one.
internal sealed partial class Pass
{
    // A scatter beyond this is no small correction any more.
    private const double MostScatter = 1;

    // ln E φ² bends so much over one standard deviation of ln q that mean and typical value part.
    private const double Unstable = 0.5;
    private const double Tiny = 1e-6;

    private Signal ForwardActivation(Step step, Activation function, Signal input)
    {
        var shape = function.Kind == ActivationKind.GLU ? input with { Width = input.Width / 2 } : input;
        if (!input.Known)
            return shape.Unknown();
        if (ActivationMoments.Of(function) is not { } moments)
            return Give(step, shape, function.IsElementwise ? $"a parameter of {function} is unknown" : $"{function.Name} between layers is not modelled");
        if (function.Kind == ActivationKind.Identity)
            return input;
        if (input.IsMixture)
            return Give(step, shape, "an activation of a sum that is no Gaussian");
        var q = input.Square;
        if (input.LargestOf > 1)
            return Winning(step, function, moments, input);
        if (input.Atoms is { } atoms)
            return ForwardAtoms(step, function, moments, atoms, input, shape);
        var integrals = step.Integrals = moments.At(q, input.AcrossSamples, input.AcrossPositions, input.AcrossBoth, input.Positions != 1);
        ref readonly var unit = ref integrals.Unit;
        var (samples, positions, both, curvature) = (integrals.Samples, integrals.Positions, integrals.Both, integrals.Curvature);
        if (!(unit.Square > 0))
            return shape with { Square = 0, AcrossSamples = 0, AcrossPositions = 0, AcrossBoth = 0, Mean = 0, Fresh = -1, Scatter = 0, OwnScatter = 0, CosineVariance = 0 };
        if (Math.Abs(curvature.SquareSecond) * Math.Max(input.Scatter, input.SampleScatter) > Unstable)
            return Give(step, shape, "the forward scale is unstable: here it depends on the random draw");
        // The units of this layer are a sample: its mean square scatters, and so does q; both bend the mean of the logarithm.
        (Profile? map, double brighter) = input.Map is { } dimmed ? dimmed.To(curvature.Square) : (null, 1);
        var own = ValueScatter(unit, samples.Product, positions.Product, both.Product, input.Positions) / (shape.Width ?? AssumedWidth);
        var between = Math.Min(MostScatter, input.BetweenSamples);
        var typical = Math.Exp(curvature.SquareSecond * Math.Min(MostScatter, input.Scatter) / 2 - own / 2
            + (curvature.Square * (curvature.Square - 1) + curvature.SquareSecond) * (between + input.Mixture) / 2) * brighter;
        var self = unit.Fourth / (unit.Square * unit.Square) - 1;
        var ownOfSample = MeanOverPositions(self, input.Positions) / (shape.Width ?? AssumedWidth);
        var cosineSlope = samples.SlopeProduct * q / unit.Square;
        return shape with
        {
            Square = unit.Square * typical,
            AcrossSamples = samples.Product * typical,
            AcrossPositions = positions.Product * typical,
            AcrossBoth = both.Product * typical,
            Map = map,
            Mean = unit.Mean * Math.Sqrt(typical),
            Atoms = step.IsSummand ? Atoms.Gaussian(q).Through(function).Value : null,
            Fresh = -1,
            Scatter = Math.Min(1 / Tiny, curvature.Square * curvature.Square * input.Scatter + own),
            OwnScatter = 0,
            StatisticsScatter = unit.StatisticsScatter,
            Mixture = 0,
            SampleScatter = Math.Min(1 / Tiny, curvature.Square * curvature.Square * input.SampleScatter + ownOfSample),
            AddedScatter = own,
            AddedBetweenSamples = Math.Max(0, ownOfSample - own),
            CosineVariance = cosineSlope * cosineSlope * input.CosineVariance + Own(samples.Product / unit.Square, shape.Width),
        };
    }

    /// <summary>φ of an element that is no Gaussian. Pairs lie between independent and equal as those of a Gaussian of the same correlation do.</summary>
    private static Signal ForwardAtoms(Step step, Activation function, ActivationMoments moments, Atoms atoms, Signal input, Signal shape)
    {
        var (value, mean, square, slopeMean, slopeSquare) = atoms.Through(function);
        var variance = Math.Max(input.Square - input.Mean * input.Mean, 1e-300);
        var unit = moments.Unit(variance);
        var apart = moments.Pair(variance, 0);
        double Between(double pair, double low, double high) => high > low * (1 + 1e-12) ? Math.Max(0, Math.Min(1, (pair - low) / (high - low))) : 1;
        (double Product, double Slope) At(double across)
        {
            var pair = Pair(moments, unit, variance, Math.Max(0, across - input.Mean * input.Mean));
            return (mean * mean + (square - mean * mean) * Between(pair.Product, apart.Product, unit.Square),
                (slopeMean * slopeMean + (slopeSquare - slopeMean * slopeMean) * Between(pair.SlopeProduct, apart.SlopeProduct, unit.SlopeSquare))
                    / Math.Max(slopeSquare, 1e-300));
        }

        var (samples, positions, both) = (At(input.AcrossSamples), At(input.AcrossPositions), At(input.AcrossBoth));
        step.Winner = new Winner(slopeSquare, samples.Slope, positions.Slope, both.Slope);
        return shape with
        {
            Square = square,
            AcrossSamples = samples.Product,
            AcrossPositions = positions.Product,
            AcrossBoth = both.Product,
            Mean = mean,
            Atoms = step.IsSummand ? value : null,
            Fresh = -1,
            CosineVariance = Own(samples.Product / Math.Max(square, 1e-300), shape.Width),
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
            (double SlopeSquare, double[]? Profile) back = input.Atoms is { } atoms
                ? atoms.BackThrough(function, gradient.Profile)
                : (winner.SlopeSquare, null);
            Send(step, 0, gradient with
            {
                LogNorm = gradient.LogNorm + Log(back.SlopeSquare),
                Profile = back.Profile,
                AcrossSamples = gradient.AcrossSamples * winner.AcrossSamples,
                AcrossPositions = gradient.AcrossPositions * winner.AcrossPositions,
                AcrossBoth = gradient.AcrossBoth * winner.AcrossBoth,
                SamplesLeft = gradient.SamplesLeft * winner.AcrossSamples,
                BothLeft = gradient.BothLeft * winner.AcrossBoth,
                SamplesSlope = gradient.SamplesSlope * winner.AcrossSamples,
                PositionsSlope = gradient.PositionsSlope * winner.AcrossPositions,
                BothSlope = gradient.BothSlope * winner.AcrossBoth,
                Variance = gradient.Variance + 1 / (input.Width ?? AssumedWidth),
            });
            return;
        }

        if (!input.Known && moments is not PiecewiseLinearMoments)
        {
            SendUnknown(step, null);
            return;
        }

        // The slope of a piecewise linear function does not depend on the scale.
        var integrals = step.Integrals ?? moments.At(1, 0, 0, 0, false);
        var (q, curvature) = (integrals.Q, integrals.Curvature);
        ref readonly var unit = ref integrals.Unit;
        if (!(unit.SlopeSquare > 0))
        {
            Send(step, 0, gradient with { LogNorm = double.NegativeInfinity });
            return;
        }

        var (samples, positions, both) = (integrals.Samples.SlopeProduct / unit.SlopeSquare, integrals.Positions.SlopeProduct / unit.SlopeSquare,
            integrals.Both.SlopeProduct / unit.SlopeSquare);
        // d(cosine of φ)/d(cosine of z), by Price's theorem.
        var chain = unit.Square > 0 ? q / unit.Square : 0;
        var (samplesChain, positionsChain, bothChain) =
            (integrals.Samples.SlopeProduct * chain, integrals.Positions.SlopeProduct * chain, integrals.Both.SlopeProduct * chain);
        var scatter = Math.Min(MostScatter, input.Scatter);
        var between = Math.Min(MostScatter, input.BetweenSamples);

        var (map, brighter) = Dimmed(gradient.Map, input.Map, curvature.Slope);
        var pairCosine = MeanOverPairs(input.Positions, 0, gradient.AcrossPositions, gradient.AcrossSamples, gradient.AcrossBoth);
        // φ'φ, and its part along the argument: E φφ'z = E φ²·dln E φ²/dln q.
        var parallel = gradient.Parallel > Tiny && unit.Square > 0 ? gradient.Parallel : 0;
        var uneven = parallel > 0 ? 1 - parallel + parallel * unit.SlopeValueSquare / (unit.Square * unit.SlopeSquare) : 1;
        Send(step, 0, gradient with
        {
            Parallel = parallel > 0 ? Math.Min(1, parallel * unit.Square / q * curvature.Square * curvature.Square / (unit.SlopeSquare * uneven)) : 0,
            LogNorm = gradient.LogNorm + Math.Log(unit.SlopeSquare * brighter * uneven) + (curvature.SlopeSecond * scatter
                + (curvature.SlopeSecond - curvature.Slope) * between
                + (curvature.SlopeSecond + curvature.Slope * (curvature.Slope - 1)) * input.Mixture) / 2,
            Map = map,
            Drift = curvature.Slope + curvature.Square * gradient.Drift,
            DriftVariance = gradient.DriftVariance + gradient.Drift * gradient.Drift * step.Signal.AddedScatter,
            SampleDriftVariance = gradient.SampleDriftVariance + gradient.Drift * gradient.Drift * step.Signal.AddedBetweenSamples,
            SamplesSlope = gradient.SamplesSlope * samplesChain * samples + gradient.AcrossSamples * integrals.SamplesBend / unit.SlopeSquare,
            PositionsSlope = gradient.PositionsSlope * positionsChain * positions + gradient.AcrossPositions * integrals.PositionsBend / unit.SlopeSquare,
            BothSlope = gradient.BothSlope * bothChain * both + gradient.AcrossBoth * integrals.BothBend / unit.SlopeSquare,
            AcrossSamples = gradient.AcrossSamples * samples,
            AcrossPositions = gradient.AcrossPositions * positions,
            AcrossBoth = gradient.AcrossBoth * both,
            SamplesLeft = gradient.SamplesLeft * samples,
            BothLeft = gradient.BothLeft * both,
            OverlapSelf = unit.SlopeSquareZ / unit.SlopeSquare,
            Profile = null,
            OverlapPositions = unit.SlopeZ * unit.SlopeZ / unit.SlopeSquare * gradient.AcrossPositions,
            OverlapPair = unit.SlopeZ * unit.SlopeZ / unit.SlopeSquare * pairCosine,
            Variance = gradient.Variance + SlopeVariance(unit, gradient, samples, positions, both, input.Positions) / (input.Width ?? AssumedWidth),
        });
    }

    /// <summary>A gradient's profile times the slopes', which follow a power of the signal's, and its mean.</summary>
    private static (Profile? Map, double Mean) Dimmed(Profile? gradient, Profile? signal, double power)
    {
        if (signal is null || Math.Abs(power) < Tiny)
            return (gradient, 1);
        var (slopes, mean) = signal.To(power);
        if (gradient is null || !gradient.Fits(slopes))
            return (slopes, mean);
        var (product, both) = gradient.Times(slopes);
        return (product, mean * both);
    }

    /// <summary>What the units' uneven slopes add to the relative variance of Σ (φ'·w·δ)² beyond that of Σ (w·δ)².</summary>
    private double SlopeVariance(in UnitMoments unit, Gradient g, double samples, double positions, double both, double? count)
    {
        var excess = unit.SlopeFourth / (unit.SlopeSquare * unit.SlopeSquare) - 1;
        // E φ'²φ'² of a pair lies between 1 (independent) and 1 + excess (equal), as E φ'φ' lies between (E φ')² and E φ'².
        var independent = unit.SlopeMean * unit.SlopeMean / unit.SlopeSquare;
        double Excess(double pair) => independent < 1 - 1e-9 ? excess * Math.Max(0, Math.Min(1, (pair - independent) / (1 - independent))) : 0;
        double Part(double pair, double cosine, double left) => Excess(pair) * (1 + 2 * (cosine * cosine + left * left * OutputScatter));
        return MeanOverPairs(count, excess * 3, Part(positions, g.AcrossPositions, 0), Part(samples, g.AcrossSamples, g.SamplesLeft),
            Part(both, g.AcrossBoth, g.BothLeft));
    }

    // Positions of a sample average its own scatter out; those that are alike do not, which is neglected.
    private static double MeanOverPositions(double self, double? positions) => self / Math.Max(1, positions ?? 1e4);

    /// <summary>Relative variance of a unit's Σ φ² over a batch.</summary>
    private double ValueScatter(in UnitMoments unit, double samples, double positions, double both, double? count)
    {
        var excess = unit.Fourth / (unit.Square * unit.Square) - 1;
        var common = unit.Mean * unit.Mean;
        var free = unit.Square - common;
        var isRandom = free > 1e-12 * unit.Square;
        // E φ²φ² of a pair: exact at both ends, within a tenth between (the second arc-cosine kernel of Cho and Saul 2009).
        double Part(double pair)
        {
            var t = isRandom ? Math.Max(0, Math.Min(1, (pair - common) / free)) : 1;
            return excess * t * (0.7 + 0.3 * t);
        }

        return MeanOverPairs(count, excess, Part(positions), Part(samples), Part(both));
    }

    private static PairMoments Pair(ActivationMoments moments, in UnitMoments unit, double q, double c) =>
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
        var both = Pair(moments, unit, q, input.AcrossBoth);
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

        return (input with { Square = square, Mean = mean, AcrossSamples = Product(samples), AcrossPositions = Product(positions), AcrossBoth = Product(both) },
            new Winner(slopeSquare, Slope(samples), Slope(positions), Slope(both)));
    }
}
