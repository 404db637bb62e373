using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>How alike the samples' gradients are at the output, where the loss makes them from logits and random labels.</summary>
internal static class LossGradient
{
    private const double AssumedClasses = 10;

    /// <summary>The gradient of the loss at logits of known moments; without moments they count as zero.</summary>
    public static Gradient At(Signal logits, PredictionOptions options, double batch)
    {
        var square = logits.Known ? logits.Square : 0;
        var (self, samples) = Moments(options.Loss, square, logits.Known ? logits.AcrossSamples : 0, logits.Width ?? AssumedClasses);
        var (_, positions) = Moments(options.Loss, square, logits.Known ? logits.AcrossPositions : 0, logits.Width ?? AssumedClasses);
        var cosine = self > 0 ? samples / self : 0;
        return new Gradient { AcrossSamples = cosine, AcrossPositions = self > 0 ? positions / self : 0, AcrossBoth = cosine };
    }

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
                return ((Overlap(q, q, classes) + 1 - 2 / classes) / classes, (Overlap(q, c, classes) - 1 / classes) / classes);
        }
    }

    /// <summary>E Σ pₖp'ₖ of two softmax outputs over K independent Gaussian logits of variance q and covariance c: 1/K at c = 0, 1 for very
    /// large c = q. The log-normal estimate e^c/(K − 1 + e^c) with c damped by the part of the logits that differs.</summary>
    private static double Overlap(double q, double c, double classes)
    {
        var common = Math.Min(50, Math.Max(0, c));
        var e = Math.Exp(common);
        return e / (classes - 1 + e);
    }
}
