using System.Globalization;
using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Rules;

/// <summary>A weight layer inside of a stack and the activation behind it: what repairs of stacks take one by one.</summary>
internal readonly record struct HiddenStep(Node Layer, Node Activation)
{
    /// <summary>LayerNorm belongs behind sigmoid-like activations, whose outputs are far from zero mean, and before those that are odd functions.</summary>
    public bool NormalizesBehindActivation =>
        Activation.Operation is not Operation.Nonlinearity { Function.Kind: ActivationKind.Tanh or ActivationKind.Softsign or ActivationKind.Hardtanh };

    /// <summary>
    /// Whether what enters the layer can be added to what leaves the activation: the same width and positions. A skip connection belongs to
    /// the default initialization, with a larger one the sum grows from block to block.
    /// </summary>
    public bool CanBeSkipped => Activation.Inputs.Count == 1 && Activation.Inputs[0] == Layer.Index && Layer.Inputs.Count == 1 && Layer.Operation switch
    {
        Operation.Linear { Weight.IsDefault: true } o => o.InFeatures is { } width && o.OutFeatures == width,
        Operation.Convolution { Weight.IsDefault: true, Transposed: false } o => o.InChannels is { } channels && o.OutChannels == channels && KeepsPositions(o),
        _ => false,
    };

    /// <summary>For a property: the positions of the steps that have something, separated by spaces.</summary>
    public static string Positions(IReadOnlyList<HiddenStep> steps, Func<HiddenStep, bool> has) =>
        string.Join(" ", Enumerable.Range(0, steps.Count).Where(i => has(steps[i])).Select(i => i.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The network with a skip connection around each step that allows one; null where none does.</summary>
    public static Network? WithSkips(Network network, IReadOnlyList<HiddenStep> steps)
    {
        var layers = new Dictionary<int, Node>();
        foreach (var step in steps)
        {
            if (step.CanBeSkipped)
                layers[step.Activation.Index] = step.Layer;
        }

        return layers.Count == 0 ? null : network.WithSkipsAround(n => layers.TryGetValue(n.Index, out var layer) ? layer : null);
    }

    private static bool KeepsPositions(Operation.Convolution convolution)
    {
        for (var i = 0; i < convolution.Kernel.Count; i++)
        {
            if (convolution.Stride[i] != 1 || convolution.Kernel[i] is not { } kernel || convolution.Dilation[i] is not { } dilation || 2 * convolution.Padding[i] != dilation * (kernel - 1))
                return false;
        }

        return true;
    }
}
