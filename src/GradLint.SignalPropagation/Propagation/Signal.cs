using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>Second moments of an activation tensor, averaged over units, positions and random draws.</summary>
internal sealed record Signal
{
    /// <summary>Features or channels; null if unknown.</summary>
    public double? Width;

    /// <summary>Positions: empty for a vector of features, null if unknown.</summary>
    public Sizes? Spatial;

    /// <summary>Whether the moments below are known.</summary>
    public bool Known = true;

    /// <summary>Mean square of an element: the exponential of its mean logarithm over random draws.</summary>
    public double Square;

    /// <summary>Mean product of the same element in two samples.</summary>
    public double AcrossSamples;

    /// <summary>Mean product of the same channel at two positions of one sample.</summary>
    public double AcrossPositions;

    /// <summary>Mean product of the same channel at different positions of two samples.</summary>
    public double AcrossBoth;

    /// <summary>How <see cref="Square"/> depends on the position; null for not at all.</summary>
    public Profile? Map;

    /// <summary>Mean over the units of one sample.</summary>
    public double Mean;

    /// <summary>Step of the weight layer whose fresh, zero-mean output this is, up to operations that are linear or normalize; −1 otherwise.</summary>
    public int Fresh = -1;

    /// <summary>Step of the weight layer of which each element is the same function of one fresh unit; −1 otherwise. Given all that came before that
    /// layer, such units are independent of it and of one another.</summary>
    public int Drawn = -1;

    /// <summary>Whether it is a sum whose elements are neither Gaussian nor known as <see cref="Atoms"/>: an activation of it has no moments here.</summary>
    public bool IsMixture;

    /// <summary>Variance of ln <see cref="Square"/> over random draws of the layers before, at finite width.</summary>
    public double Scatter;

    /// <summary>The same for one sample, whose own scatter does not average out over the batch.</summary>
    public double SampleScatter;

    /// <summary>What the units of an activation added to <see cref="Scatter"/>.</summary>
    public double AddedScatter;

    /// <summary>What they added to <see cref="BetweenSamples"/>.</summary>
    public double AddedBetweenSamples;

    /// <summary>What this tensor's own finite width adds to <see cref="Scatter"/> when it is measured.</summary>
    public double OwnScatter;

    /// <summary><see cref="UnitMoments.StatisticsScatter"/> of the units.</summary>
    public double StatisticsScatter = 2;

    /// <summary>Relative variance of the mean square from unit to unit, where an element is a Gaussian of that random scale: negative behind a
    /// normalization over few values, which bounds them.</summary>
    public double Mixture;

    /// <summary>Variance, over pairs of samples or positions, of the cosine between them.</summary>
    public double CosineVariance;

    /// <summary>The distribution of an element, where it is no Gaussian and a residual sum needs it.</summary>
    public Atoms? Atoms;

    /// <summary>The pattern over time steps behind a recurrent layer: its mean square and mean product are those above, whatever its own. Null for an even one.</summary>
    public OverTime? OverTime;

    /// <summary>How many Gaussians of the moments above each element is the largest of (max pooling before an activation).</summary>
    public double LargestOf = 1;

    /// <summary>Nothing is known.</summary>
    public static readonly Signal None = new() { Known = false };

    /// <summary>Number of positions; 1 for a vector, null if unknown.</summary>
    public double? Positions => Spatial?.Product;

    /// <summary>Variance of ln <see cref="Square"/> between the samples of a batch.</summary>
    public double BetweenSamples => Math.Max(0, SampleScatter - Scatter);

    /// <summary>The same shape without moments.</summary>
    public Signal Unknown() => new() { Width = Width, Spatial = Spatial, Known = false };
}

/// <summary>A gradient: logarithm of its squared norm for one sample, and how alike it is elsewhere.</summary>
internal sealed record Gradient
{
    /// <summary>ln of Σ δ² over units and positions of one sample, up to a constant of the network.</summary>
    public double LogNorm;

    /// <summary>Part of <see cref="LogNorm"/> that average pooling causes.</summary>
    public double LogPooling;

    /// <summary>How the squared norm depends on the position; null for not at all.</summary>
    public Profile? Map;

    /// <summary>Share of the squared norm that is parallel to the signal here. The loss's gradient grows with the logits, so it knows the weights they
    /// came from: a matrix meets its own product again, W^T W x.</summary>
    public double Parallel;

    /// <summary>Cosine between two samples at the same position.</summary>
    public double AcrossSamples;

    /// <summary>Cosine between two positions of one sample.</summary>
    public double AcrossPositions;

    /// <summary>Cosine between different positions of different samples.</summary>
    public double AcrossBoth;

    /// <summary>The share of the likeness of two samples' output gradients that is left at the same position here: their scatter over random labels
    /// comes with it.</summary>
    public double SamplesLeft;

    /// <summary>The same at different positions.</summary>
    public double BothLeft;

    /// <summary>Derivatives of the three cosines with respect to the cosine of the signals here.</summary>
    public double SamplesSlope;

    /// <summary>See <see cref="SamplesSlope"/>.</summary>
    public double PositionsSlope;

    /// <summary>See <see cref="SamplesSlope"/>.</summary>
    public double BothSlope;

    /// <summary>d<see cref="LogNorm"/>/d ln(mean square of the signal here): a larger signal reaches other slopes further on.</summary>
    public double Drift;

    /// <summary>Variance of <see cref="LogNorm"/> through <see cref="Drift"/>, from what the layers from here on add to the scatter of the signal.</summary>
    public double DriftVariance;

    /// <summary>The same for what differs between samples: large gradients dominate the batch.</summary>
    public double SampleDriftVariance;

    /// <summary>Share of the squared norm along the normalized value itself, from one sample (see the batch normalization step).</summary>
    public double OverlapSelf = 1;

    /// <summary>The same share from pairs of samples.</summary>
    public double OverlapPair;

    /// <summary>The same share from pairs of positions of one sample.</summary>
    public double OverlapPositions;

    /// <summary>How the square of an element's gradient depends on the element's value, over the atoms of the signal here, mean 1; null for not
    /// at all. In a rectified residual stream a unit that is on in one block is on in the next.</summary>
    public double[]? Profile;

    /// <summary>How the gradient is spread over time steps, where a recurrent layer or a selected step makes that uneven; only the pattern counts.</summary>
    public OverTime? OverTime;

    /// <summary>Whether only one position, the last, has any: the loss reads the last step of a sequence.</summary>
    public bool IsAtLastStep;

    /// <summary>Variance of <see cref="LogNorm"/> over random draws of finite width, for a whole batch.</summary>
    public double Variance;
}
