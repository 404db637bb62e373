namespace GradLint.Probe;

/// <summary>What the probe could see of a layer.</summary>
public enum LayerStatus
{
    /// <summary>The gradient with respect to the layer's output and weight was measured.</summary>
    Measured,

    /// <summary>
    /// Only the weight's gradient was measured: no call of the layer was seen, because the model calls it with <c>forward(x)</c>,
    /// which fires no hooks in TorchSharp (<c>call(x)</c> does).
    /// </summary>
    CalledThroughForward,

    /// <summary>
    /// Only the gradient of the module's own parameters was measured: it has layers of its own besides, so that its output is not
    /// theirs, or its type has no hook that the probe knows.
    /// </summary>
    ParametersOnly,

    /// <summary>Every parameter of the layer has <c>requires_grad = false</c>.</summary>
    Frozen,

    /// <summary>A parameter that requires a gradient got none: the loss does not depend on it.</summary>
    NoGradient,

    /// <summary>A value, a gradient or the loss was NaN or infinite.</summary>
    NotFinite,
}

/// <summary>One weight layer of a measured network; ratios are against the output layer, the last one that ran and got a gradient.</summary>
/// <param name="Path">The module's path as <c>named_parameters()</c> spells it without the parameter's own name, such as <c>layers.3</c>.</param>
/// <param name="Type">The module's type and the shape of its weight, such as <c>Linear 64 -> 10</c>.</param>
/// <param name="Status">What could be seen of the layer.</param>
/// <param name="GradientRatio">
/// log10 of RMS(∂L/∂z) / RMS(∂L/∂z_L), z being the layer's output before any activation (shape: batch x units); <c>null</c> where it was not seen.
/// </param>
/// <param name="WeightGradientRatio">log10 of ‖∂L/∂W‖ / ‖∂L/∂W_L‖ (Frobenius norms); <c>null</c> where there is no gradient.</param>
/// <param name="ForwardScale">log10 of RMS(z); <c>null</c> where it was not seen.</param>
public sealed record LayerGradient(string Path, string Type, LayerStatus Status, Decades? GradientRatio, Decades? WeightGradientRatio, Decades? ForwardScale);
