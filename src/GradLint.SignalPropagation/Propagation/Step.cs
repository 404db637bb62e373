using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>One node as it is executed: repeated blocks are written out.</summary>
internal sealed class Step(Node node, int[] inputs, int round, string? path)
{
    public Node Node { get; } = node;

    /// <summary>The weight layer for which this step's value stands; null where it is none, or only a part of one.</summary>
    public Node? Layer { get; set; } = node.Operation.IsWeightLayer ? node : null;

    public int[] Inputs { get; } = inputs;

    public int Round { get; } = round;

    public string? Path { get; } = path;

    /// <summary>How many steps read its value; the network's caller counts as one.</summary>
    public int Consumers { get; set; }

    /// <summary>Whether a sum reads its value.</summary>
    public bool IsSummand { get; set; }

    /// <summary>Whether a number was added to its value, so that its mean is none that a Gaussian around zero has.</summary>
    public bool IsShifted { get; set; }

    /// <summary>For an input of unknown shape that a linear layer reads: that layer's fan_in.</summary>
    public double? InferredWidth { get; set; }

    /// <summary>Value of this step.</summary>
    public Signal Signal { get; set; } = new() { Known = false };

    /// <summary>∂L/∂ of its value; null if unknown.</summary>
    public Gradient? Gradient { get; set; }

    /// <summary>Whether any gradient arrives; false for what the output does not depend on.</summary>
    public bool Reached { get; set; }

    /// <summary>Why <see cref="Signal"/> or what the gradient does here is unknown.</summary>
    public string? UnknownBecause { get; set; }

    /// <summary>For a recurrent layer: how it ran.</summary>
    public RecurrentStep? Recurrent { get; set; }

    /// <summary>For an activation of a Gaussian: its integrals, which both directions need.</summary>
    public Integrals? Integrals { get; set; }

    /// <summary>For a convolution over maps of known size.</summary>
    public Taps? Taps { get; set; }

    /// <summary>For an activation whose value only a max pooling reads: moments of the winners.</summary>
    public Winner? Winner { get; set; }
}

/// <summary>E φ'² of an activation where its argument won a max pooling, and the same for two samples, two positions and both.</summary>
internal sealed record Winner(double SlopeSquare, double AcrossSamples, double AcrossPositions, double AcrossBoth);
