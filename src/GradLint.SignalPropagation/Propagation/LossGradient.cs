using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>How alike the samples' gradients are at the output, where the loss makes them from logits and random labels.</summary>
internal static class LossGradient
{
    private const double AssumedClasses = 10;

    /// <summary>The gradient of the loss at logits of known moments; without moments they count as zero.</summary>
    public static Gradient At(Signal logits, PredictionOptions options, double batch)
    {
        var q = logits.Known ? logits.Square : 0;
        var classes = logits.Width ?? AssumedClasses;
        var (self, samples) = Moments(options.Loss, q, logits.Known ? logits.AcrossSamples : 0, classes);
        if (!(self > 0))
            return new Gradient();
        var (_, positions) = logits.Positions == 1 ? (0, 0) : Moments(options.Loss, q, logits.Known ? logits.AcrossPositions : 0, classes);
        const double Step = 0.02;
        double Slope(double value, double c) => q > 0
            ? (Moments(options.Loss, q, Math.Min(q, c + Step * q), classes).Pair - value) / (Math.Min(Step, Math.Max(1e-6, 1 - c / q)) * self)
            : 0;
        var samplesSlope = Slope(samples, logits.AcrossSamples);
        return new Gradient
        {
            Parallel = Math.Min(1, Response(options.Loss, q, classes) is var response ? response * response * q / self : 0),
            AcrossSamples = samples / self,
            AcrossPositions = positions / self,
            AcrossBoth = samples / self,
            SamplesLeft = 1,
            BothLeft = 1,
            SamplesSlope = samplesSlope,
            PositionsSlope = logits.Positions == 1 ? 0 : Slope(positions, logits.AcrossPositions),
            BothSlope = samplesSlope,
        };
    }

    /// <summary>Degrees of freedom of what all samples' gradients have in common at the output: few classes make it scatter.</summary>
    public static double FreedomOf(Signal logits, PredictionOptions options)
    {
        var classes = logits.Width ?? AssumedClasses;
        return Math.Max(1, options.Loss == TrainingLoss.CrossEntropy ? classes - 1 : classes);
    }

    /// <summary>E ∂δ/∂z of one output unit.</summary>
    private static double Response(TrainingLoss loss, double q, double classes) => loss switch
    {
        TrainingLoss.MeanSquaredError => 1,
        TrainingLoss.BinaryCrossEntropy => q > 0 ? ActivationMoments.Of(Activation.Sigmoid)!.Unit(q).SlopeMean : 0.25,
        TrainingLoss.NegativeLogLikelihood => 0,
        // E p(1 − p).
        _ => (1 - SoftmaxOverlap.For(classes).Self(q)) / classes,
    };

    /// <summary>E δ² and E δδ' for one output unit and two samples.</summary>
    private static (double Self, double Pair) Moments(TrainingLoss loss, double q, double c, double classes)
    {
        switch (loss)
        {
            case TrainingLoss.MeanSquaredError:
                return (q + 1, c); // δ = z − t, t independent of variance 1
            case TrainingLoss.BinaryCrossEntropy:
                // δ = σ(z) − y: E σ² for one sample, E σσ' − 1/4 for two.
                var sigmoid = ActivationMoments.Of(Activation.Sigmoid)!;
                return q > 0 ? (sigmoid.Unit(q).Square, sigmoid.Pair(q, c).Product - 0.25) : (0.25, 0);
            case TrainingLoss.NegativeLogLikelihood:
                return (1 / classes, 1 / (classes * classes)); // δ = −y
            default:
                // δ = p − y, y independent of p and uniform: K·E δ² = E Σp² + 1 − 2/K, K·E δδ' = E Σ pp' − 1/K.
                var overlap = SoftmaxOverlap.For(classes);
                return ((overlap.Self(q) + 1 - 2 / classes) / classes, (overlap.Pair(q, c) - 1 / classes) / classes);
        }
    }
}
