namespace GradLint.SignalPropagation;

/// <summary>What is predicted for one weight layer. All logarithms are decimal; null where the network leaves it unknown.</summary>
public sealed record LayerPrediction
{
    internal LayerPrediction(Node node, int round, string? path) => (Node, Round, Path) = (node, round, path);

    /// <summary>The layer.</summary>
    public Node Node { get; }

    /// <summary>Which round of a repeated block, from 0.</summary>
    public int Round { get; }

    /// <summary>Module path, the round's number in place of <c>*</c>.</summary>
    public string? Path { get; }

    /// <summary>How to call it in a message.</summary>
    public string DisplayName => Path ?? Node.DisplayName;

    /// <summary>log10 of rms(∂L/∂z) of this layer over rms(∂L/∂z) of the output layer; z is the layer's output before normalization and
    /// activation, the root mean square runs over all elements of the batch. The mean over random draws of this logarithm.</summary>
    public double? GradientRatio { get; init; }

    /// <summary>The share of <see cref="GradientRatio"/> that comes from the number of positions alone: log10 √(positions of the output
    /// layer / positions of this one) and average pooling between. It is no fault; 0 without convolutions.</summary>
    public double? GeometryShare { get; init; }

    /// <summary><see cref="GradientRatio"/> without <see cref="GeometryShare"/>: what a threshold is compared with. Known also where the
    /// input's size is not.</summary>
    public double? SignalRatio { get; init; }

    /// <summary>log10 of ‖∂L/∂z‖ over that of the output layer, without <see cref="GeometryShare"/>: norms over the units of a sample, not root
    /// mean squares, so that it is known where no width is. <see cref="SignalRatio"/> is this plus log10 √(output width / this width).</summary>
    public double? NormRatio { get; init; }

    /// <summary>log10 of ‖∂L/∂W‖ over that of the output layer (Frobenius norms).</summary>
    public double? WeightRatio { get; init; }

    /// <summary>log10 of rms(z): the forward scale.</summary>
    public double? Scale { get; init; }

    /// <summary>‖∂L/∂z‖ of this layer over ‖∂L/∂z‖ of the next one (norms, not root mean squares, so that no width enters): √χ of this step.
    /// Null for the output layer, and where the next layer is not reached by one single path.</summary>
    public double? Factor { get; init; }

    /// <summary>How the gradient fades over the time steps; null for what is no recurrent layer.</summary>
    public TimePrediction? Time { get; init; }

    /// <summary>Activations and normalizations between this layer and the next: <c>sigmoid</c>, <c>batch_norm, relu</c>. Empty for the
    /// output layer.</summary>
    public string Between { get; init; } = "";

    /// <summary>Half-width, in decades, of the interval around <see cref="GradientRatio"/> that holds a single random draw.</summary>
    public double? GradientBand { get; init; }

    /// <summary>The same for <see cref="WeightRatio"/>.</summary>
    public double? WeightBand { get; init; }

    /// <summary>The same for <see cref="Scale"/>.</summary>
    public double? ScaleBand { get; init; }

    /// <summary>Why something is null, for people; null where nothing is.</summary>
    public string? UnknownBecause { get; init; }
}
