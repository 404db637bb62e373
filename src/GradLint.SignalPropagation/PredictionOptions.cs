namespace GradLint.SignalPropagation;

/// <summary>What is assumed of the training step. Ratios between layers depend on it weakly: through how alike the samples' gradients are.</summary>
public sealed record PredictionOptions
{
    /// <summary>The defaults.</summary>
    public static PredictionOptions Default { get; } = new();

    /// <summary>Samples in a batch. Values below 1 count as 1.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The loss, a mean over the batch.</summary>
    public TrainingLoss Loss { get; init; } = TrainingLoss.CrossEntropy;

    /// <summary>Mean square of an input element: 1 for standardized data.</summary>
    public double InputSecondMoment { get; init; } = 1;

    /// <summary>Cosine between two samples of a batch: 0 for standardized data.</summary>
    public double InputCorrelation { get; init; }

    /// <summary>Time steps or tokens of a sequence where the network does not tell them.</summary>
    public int SequenceLength { get; init; } = 64;

    /// <summary>Input size (length; height and width) where the network does not tell it; null for unknown.</summary>
    public Sizes? InputSpatial { get; init; }

    /// <summary>How many positions an adaptive or global pooling sums up where the sizes do not tell; null for unknown.</summary>
    internal double? PooledPositions { get; init; }
}

/// <summary>Loss functions, by what their gradient at the output looks like. Labels are taken as independent of the network.</summary>
public enum TrainingLoss
{
    /// <summary>Softmax and cross-entropy over equally likely classes; also NLLLoss behind log-softmax.</summary>
    CrossEntropy,
    /// <summary>Mean squared error against targets of variance 1.</summary>
    MeanSquaredError,
    /// <summary>Binary cross-entropy with logits, labels 0 and 1 equally likely; also BCELoss behind sigmoid.</summary>
    BinaryCrossEntropy,
    /// <summary>NLLLoss without log-softmax before it: the gradient is the label's.</summary>
    NegativeLogLikelihood,
}
