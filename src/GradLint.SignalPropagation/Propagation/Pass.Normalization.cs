namespace GradLint.SignalPropagation.Propagation;

// Normalization and dropout.
internal sealed partial class Pass
{
    /// <summary>What a normalization layer takes away from an element.</summary>
    /// <param name="Count">Elements that share a mean and a variance; infinity if unknown.</param>
    /// <param name="MeanSquare">Mean square of the mean that is subtracted.</param>
    /// <param name="Variance">Expectation of the variance that it divides by, ε not included.</param>
    private readonly record struct Statistics(double Count, double MeanSquare, double Variance);

    private Signal ForwardNormalization(Step step, Operation.Normalization o, Signal input)
    {
        if (Affine(o) is not { } affine)
        {
            return Give(step, input, o.Weight is { Distribution: InitializerDistribution.Unknown, IsDefault: true }
                ? "GroupNorm's weight is uninitialized memory" : "the weight or bias of the normalization is unknown");
        }

        if (o.Epsilon is not (>= 0 and < Largest))
            return Give(step, input, "the epsilon of the normalization is unknown");
        if (o.Kind == NormalizationKind.Group && input.Width is null or <= 0)
            return Give(step, input, "the width of a group is unknown");
        var epsilon = o.Epsilon.Value;
        if (!input.Known)
        {
            // Whatever came in, what goes out has unit variance; how alike the samples are is lost.
            return input.Unknown();
        }

        var s = StatisticsOf(o, input);
        if (s.Count < 4)
            return Give(step, input, $"{o.Kind}Norm over {s.Count:0} values");
        var scale = affine.Square / (s.Variance + epsilon);
        if (!(scale < Largest))
            return Give(step, input, "a variance of zero is normalized");
        // Group statistics of two samples are averages over the same number of channels.
        var across = o.Kind switch
        {
            NormalizationKind.Batch => input.AcrossSamples - s.MeanSquare,
            NormalizationKind.Layer => input.AcrossSamples - input.Mean * input.Mean,
            _ => (input.AcrossSamples - input.Mean * input.Mean) * (1 - 1 / Channels(o, input)),
        };
        var both = o.Kind switch
        {
            NormalizationKind.Batch => input.AcrossBoth - s.MeanSquare,
            NormalizationKind.Layer => input.AcrossBoth - input.Mean * input.Mean,
            _ => (input.AcrossBoth - input.Mean * input.Mean) * (1 - 1 / Channels(o, input)),
        };
        var positions = o.Kind == NormalizationKind.Layer ? input.AcrossPositions - input.Mean * input.Mean : input.AcrossPositions - s.MeanSquare;
        return input with
        {
            Square = scale * s.Variance + affine.Shift,
            AcrossSamples = scale * across + affine.Shift,
            AcrossPositions = scale * positions + affine.Shift,
            AcrossBoth = scale * both + affine.Shift,
            Mean = affine.Mean,
            Scatter = 0,
            OwnScatter = 0,
            StatisticsScatter = 2,
            // x̂·s is Gaussian, and s² has 2/(n − 1) of relative variance: x̂ is flatter than a Gaussian by that.
            Mixture = input.Fresh >= 0 ? -2 / (s.Count - 1) : 0,
            SampleScatter = 0,
            Atoms = null,
        };
    }

    private void BackwardNormalization(Step step, Operation.Normalization o, Gradient gradient, Signal input)
    {
        if (!input.Known || !step.Signal.Known || Affine(o) is not { } affine || o.Epsilon is not { } epsilon)
        {
            SendUnknown(step, null);
            return;
        }

        var s = StatisticsOf(o, input);
        // δ loses its mean over the normalized values and its component along them (Ioffe and Szegedy 2015).
        var positions = input.Positions ?? 1e4;
        double mean, along;
        if (o.Kind == NormalizationKind.Batch)
        {
            mean = MeanOverPairs(input.Positions, 1, gradient.AcrossPositions, gradient.AcrossSamples, gradient.AcrossBoth);
            along = gradient.OverlapSelf / s.Count + gradient.OverlapPair;
        }
        else if (o.Kind == NormalizationKind.Layer)
        {
            mean = 1 / s.Count;
            along = gradient.OverlapSelf / s.Count;
        }
        else
        {
            mean = (1 + (positions - 1) * gradient.AcrossPositions) / s.Count;
            along = (gradient.OverlapSelf + (positions - 1) * gradient.OverlapPositions) / s.Count;
        }

        var kept = Math.Max(1e-6, 1 - mean - along - gradient.Parallel);
        // E 1/s² of a sample variance with n − 1 degrees of freedom; for the identity the whole step becomes (n − 2)/(n − 3) (Yang et al. 2019).
        // Layer and group statistics are means over n units: E 1/s² for each sample, against the batch's typical s².
        var spread = double.IsInfinity(s.Count) ? 1
            : o.Kind == NormalizationKind.Batch ? (s.Count - 1) / (s.Count - 3) * (1 + Bounded((input.StatisticsScatter - 2) / s.Count))
            : 1 + Bounded(input.StatisticsScatter / s.Count - input.OwnScatter / 2);
        // Units with a small s dominate: E 1/s⁴ over (E 1/s²)² is (n − 3)/(n − 5).
        var uneven = o.Kind == NormalizationKind.Batch ? 2 / Math.Max(2, s.Count - 5) : 0;
        var removed = o.Kind == NormalizationKind.Batch ? mean : 0;
        // What all samples and positions have in common is gone behind a batch's mean.
        var leftRemoved = o.Kind == NormalizationKind.Batch ? (gradient.SamplesLeft + (positions - 1) * gradient.BothLeft) / positions : 0;
        Send(step, 0, gradient with
        {
            LogNorm = gradient.LogNorm + Log(affine.Square / (s.Variance + epsilon) * spread * kept),
            AcrossSamples = (gradient.AcrossSamples - removed) / kept,
            AcrossPositions = o.Kind == NormalizationKind.Layer ? gradient.AcrossPositions : (gradient.AcrossPositions - mean) / kept,
            AcrossBoth = (gradient.AcrossBoth - removed) / kept,
            SamplesLeft = gradient.SamplesLeft - leftRemoved,
            BothLeft = gradient.BothLeft - leftRemoved,
            Variance = gradient.Variance + uneven * (1 + 2 * SquaredCosine(gradient, input.Positions)) / (input.Width ?? AssumedWidth),
            Drift = 0,
            Parallel = 0,
            OverlapSelf = 1,
            OverlapPair = 0,
            OverlapPositions = 0,
        });
    }

    private static double Bounded(double correction) => Math.Max(-0.5, Math.Min(1, correction));

    private Statistics StatisticsOf(Operation.Normalization o, Signal x)
    {
        var meanSquare = x.Mean * x.Mean;
        switch (o.Kind)
        {
            case NormalizationKind.Batch:
                var overBatch = MeanOverPairs(x.Positions, x.Square, x.AcrossPositions, x.AcrossSamples, x.AcrossBoth);
                return new(x.Positions is { } p ? batch * p : double.PositiveInfinity, overBatch, x.Square - overBatch);
            case NormalizationKind.Layer:
                // A fresh layer's outputs have a mean of their own size/√width.
                var width = x.Width ?? double.PositiveInfinity;
                return new(width, meanSquare, (x.Square - meanSquare) * (1 - 1 / width));
            default:
                var positions = x.Positions ?? 1e4;
                var count = positions * Channels(o, x);
                var overGroup = meanSquare + (x.Square - meanSquare + (positions - 1) * (x.AcrossPositions - meanSquare)) / count;
                return new(count, overGroup, x.Square - overGroup);
        }
    }

    private static double Channels(Operation.Normalization o, Signal x) =>
        o.Kind == NormalizationKind.Instance ? 1 : Math.Max(1, (x.Width ?? 1) / Math.Max(1, o.Groups ?? 1));

    /// <summary>Mean square of γ, and mean and mean square of β; null if unknown.</summary>
    private static (double Square, double Mean, double Shift)? Affine(Operation.Normalization o)
    {
        var (weight, bias) = (o.Weight ?? Initializer.Ones, o.Bias ?? Initializer.Zeros);
        if (weight.Scaling != VarianceScaling.None || bias.Scaling != VarianceScaling.None || weight.Coefficient is not { } weightVariance
            || weight.Mean is not { } weightMean || bias.Coefficient is not { } biasVariance || bias.Mean is not { } biasMean)
            return null;
        return (weightVariance + weightMean * weightMean, biasMean, biasVariance + biasMean * biasMean);
    }

    private static Signal ForwardDropout(Step step, Operation.Dropout o, Signal input)
    {
        if (!input.Known || o.Probability == 0)
            return input;
        if (o.Kind == DropoutKind.Alpha)
            return ForwardAlphaDropout(step, o, input);
        if (o.Probability is not (> 0 and <= 1))
            return Give(step, input, "the dropout probability is unknown");
        var keep = 1 - o.Probability.Value;
        if (keep == 0)
            return input with { Square = 0, AcrossSamples = 0, AcrossPositions = 0, AcrossBoth = 0, Mean = 0 };
        return input with
        {
            Atoms = null,
            Square = input.Square / keep,
            AcrossPositions = o.Kind == DropoutKind.Channel ? input.AcrossPositions / keep : input.AcrossPositions,
        };
    }

    // What alpha dropout puts in the place of a unit: the lower bound of SELU, −λα.
    private const double AlphaPrime = -1.7580993408473766;

    /// <summary>a·(x·m + α'·(1 − m)) + b, a and b such that mean 0 and variance 1 stay (Klambauer et al. 2017, arXiv:1706.02515).</summary>
    private static Signal ForwardAlphaDropout(Step step, Operation.Dropout o, Signal input)
    {
        if (o.Probability is not (> 0 and < 1))
            return Give(step, input, "the dropout probability is unknown");
        var keep = 1 - o.Probability.Value;
        var (scale, shift) = AlphaAffine(keep);
        var mean = keep * input.Mean + (1 - keep) * AlphaPrime;
        double Affine(double product) => scale * scale * product + 2 * scale * shift * mean + shift * shift;
        double Apart(double product) => Affine(keep * keep * product + 2 * keep * (1 - keep) * AlphaPrime * input.Mean + (1 - keep) * (1 - keep) * AlphaPrime * AlphaPrime);
        return input with
        {
            Atoms = null,
            OverTime = null,
            Fresh = -1,
            Square = Affine(keep * input.Square + (1 - keep) * AlphaPrime * AlphaPrime),
            AcrossSamples = Apart(input.AcrossSamples),
            AcrossPositions = Apart(input.AcrossPositions),
            AcrossBoth = Apart(input.AcrossBoth),
            Map = null,
            Mean = scale * mean + shift,
        };
    }

    private static (double Scale, double Shift) AlphaAffine(double keep)
    {
        var scale = 1 / Math.Sqrt(keep * (1 + AlphaPrime * AlphaPrime * (1 - keep)));
        return (scale, -scale * AlphaPrime * (1 - keep));
    }

    private void BackwardDropout(Step step, Operation.Dropout o, Gradient gradient)
    {
        if (o.Probability is not (>= 0 and <= 1))
        {
            SendUnknown(step, null);
            return;
        }

        var keep = 1 - o.Probability.Value;
        Send(step, 0, gradient with
        {
            LogNorm = gradient.LogNorm + Log(keep <= 0 ? 0 : o.Kind == DropoutKind.Alpha ? Math.Pow(AlphaAffine(keep).Scale, 2) * keep : 1 / keep),
            AcrossSamples = gradient.AcrossSamples * keep,
            AcrossPositions = gradient.AcrossPositions * (o.Kind == DropoutKind.Channel ? 1 : keep),
            AcrossBoth = gradient.AcrossBoth * keep,
            SamplesLeft = gradient.SamplesLeft * keep,
            BothLeft = gradient.BothLeft * keep,
        });
    }
}
