using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>One node as it is executed: repeated blocks are written out.</summary>
/// <remarks>Fields, here and in all that the passes carry: a compiler starts cold in every build, and there each accessor is a method to compile, at
/// more than what a prediction costs.</remarks>
internal sealed class Step(Node node, int[] inputs, int round, string? path)
{
    public readonly Node Node = node;

    /// <summary>The weight layer for which this step's value stands; null where it is none, or only a part of one.</summary>
    public Node? Layer = node.Operation.IsWeightLayer ? node : null;

    public readonly int[] Inputs = inputs;

    public readonly int Round = round;

    public readonly string? Path = path;

    /// <summary>How many steps read its value; the network's caller counts as one.</summary>
    public int Consumers;

    /// <summary>Whether a sum reads its value.</summary>
    public bool IsSummand;

    /// <summary>Whether a number was added to its value, so that its mean is none that a Gaussian around zero has.</summary>
    public bool IsShifted;

    /// <summary>For an input of unknown shape that a linear layer reads: that layer's fan_in.</summary>
    public double? InferredWidth;

    /// <summary>Value of this step.</summary>
    public Signal Signal = Signal.None;

    /// <summary>∂L/∂ of its value; null if unknown.</summary>
    public Gradient? Gradient;

    /// <summary>∂L/∂W, for the layer that others are compared with.</summary>
    public WeightGradient? WeightGradient;

    /// <summary>Whether any gradient arrives; false for what the output does not depend on.</summary>
    public bool Reached;

    /// <summary>Why <see cref="Signal"/> or what the gradient does here is unknown.</summary>
    public string? UnknownBecause;

    /// <summary>For a recurrent layer: how it ran.</summary>
    public RecurrentStep? Recurrent;

    /// <summary>For an activation of a Gaussian: its integrals, which both directions need.</summary>
    public Integrals? Integrals;

    /// <summary>For a linear layer or a convolution: its sizes.</summary>
    public Fan? Fan;

    /// <summary>For a convolution over maps of known size.</summary>
    public Taps? Taps;

    /// <summary>For an activation whose value only a max pooling reads: moments of the winners.</summary>
    public Winner? Winner;
}

/// <summary>Sizes of a linear layer or convolution that matter here.</summary>
internal sealed class Fan(double? fanIn, double? fanInVariance, double? biasVariance, double inBounds)
{
    /// <summary>Weights per output unit that meet an input, all in bounds.</summary>
    public readonly double? FanIn = fanIn;

    /// <summary>Their number times Var(W).</summary>
    public readonly double? FanInVariance = fanInVariance;

    /// <summary>Second moment of the bias.</summary>
    public readonly double? BiasVariance = biasVariance;

    /// <summary>Share of kernel taps that fall on the input and not on its zero padding.</summary>
    public readonly double InBounds = inBounds;
}

/// <summary>E φ'² of an activation where its argument won a max pooling, and the same for two samples, two positions and both.</summary>
internal sealed class Winner(double slopeSquare, double acrossSamples, double acrossPositions, double acrossBoth)
{
    public readonly double SlopeSquare = slopeSquare;
    public readonly double AcrossSamples = acrossSamples;
    public readonly double AcrossPositions = acrossPositions;
    public readonly double AcrossBoth = acrossBoth;
}

/// <summary>ln of the squared Frobenius norm of a weight gradient, up to a constant of the network: Alone + ln(1 + Common + Random·(X − 1)).
/// X, of mean 1, is the squared norm of the sum of all samples' output gradients in one draw; Scatter is the variance of ln of what the layer
/// reads.</summary>
internal sealed class WeightGradient(double alone, double common, double random, double scatter)
{
    public readonly double Alone = alone;
    public readonly double Common = common;
    public readonly double Random = random;
    public readonly double Scatter = scatter;
}
