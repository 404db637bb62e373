using System.Globalization;
using System.Text;

namespace GradLint.Probe;

/// <summary>What one captured step of a training loop showed.</summary>
/// <param name="Step">The number of the step, from 0.</param>
/// <param name="Loss">The loss that was handed to <see cref="TrainingMonitor.AfterBackward"/>; <c>null</c> without one.</param>
/// <param name="OutputLayer">The path of the layer that ratios are against; <c>null</c> where no layer got a gradient.</param>
/// <param name="Layers">The weight layers in the order in which they first ran.</param>
/// <param name="Activations">The saturating activations that are modules (Sigmoid, Tanh, …); functional ones cannot be seen.</param>
public sealed record TrainingRecord(long Step, double? Loss, string? OutputLayer, IReadOnlyList<LayerRecord> Layers, IReadOnlyList<ActivationRecord> Activations)
{
    /// <summary>
    /// The norm of all parameters' gradients together, as <c>clip_grad_norm_</c> computes it: with a scaler's factor, and of accumulated
    /// gradients the norm of the sum. <c>null</c> where there is no gradient.
    /// </summary>
    public double? GradientNorm { get; init; }

    /// <summary>The step in a table, for a console or a log.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"step {Step}");
        if (Loss is { } loss)
            text.Append(CultureInfo.InvariantCulture, $", loss {loss:G5}");
        if (GradientNorm is { } norm)
            text.Append(CultureInfo.InvariantCulture, $", gradient norm {norm:G5}");
        if (OutputLayer is { } output)
            text.Append(CultureInfo.InvariantCulture, $"; ratios are against the output layer '{output}'");
        text.AppendLine().AppendLine();
        TextTable.Append(
            text,
            [("layer", false), ("type", false), ("gradient", true), ("weight gradient", true), ("forward scale", true), ("update", true), ("moved", true), ("dead", true), ("over time", true), ("", false)],
            [.. Layers.Select(l => (string[])[l.Path, l.Type, Ratio(l.GradientRatio), Ratio(l.WeightGradientRatio), Ratio(l.ForwardScale), Ratio(l.UpdateRatio), Share(l.Movement), Share(l.DeadUnits),
                Ratio(l.GradientOverTime), GradientTable.Note(l.Status)])]);
        foreach (var (path, saturated) in Activations)
            text.Append(CultureInfo.InvariantCulture, $"{Share(saturated)} of the outputs of '{path}' are at its limits").AppendLine();
        return text.ToString().TrimEnd();
    }

    private static string Ratio(double? decades) => decades is { } d ? Decades.Format(d) : string.Empty;

    private static string Share(double? share) => share is { } s ? string.Create(CultureInfo.InvariantCulture, $"{s * 100:0.#} %") : string.Empty;
}

/// <summary>One weight layer in one captured step. Logarithms are decimal.</summary>
/// <param name="Path">As <c>named_parameters()</c> spells it.</param>
/// <param name="Type">Type and weight shape.</param>
/// <param name="Status">What could be seen of it.</param>
/// <param name="GradientRatio">log10 of RMS(∂L/∂z) against the output layer's; <c>null</c> where it was not seen.</param>
/// <param name="WeightGradientRatio">log10 of ‖∂L/∂W‖ against the output layer's; <c>null</c> where none arrived.</param>
/// <param name="ForwardScale">log10 of RMS(z); <c>null</c> where it was not seen.</param>
/// <param name="UpdateRatio">log10 of ‖ΔW‖ / ‖W‖ of this step, over a sample of the weight's entries; <c>null</c> for frozen layers.</param>
/// <param name="Movement">‖W − W₀‖ / ‖W₀‖ since the monitor began, over the same sample.</param>
/// <param name="DeadUnits">Share of the layer's units (channels) whose ∂L/∂z is exactly zero for the whole batch; <c>null</c> where it was not seen.</param>
/// <param name="GradientOverTime">
/// For a recurrent layer: log10 of ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖, first step of the sequence against the last; <c>null</c> elsewhere.
/// </param>
/// <param name="Horizon">
/// For a recurrent layer: steps back from the end until the gradient has fallen to 10^-3 of the last step's; <c>null</c> where it does not
/// fall that far within the sequence.
/// </param>
public sealed record LayerRecord(
    string Path,
    string Type,
    LayerStatus Status,
    double? GradientRatio,
    double? WeightGradientRatio,
    double? ForwardScale,
    double? UpdateRatio,
    double? Movement,
    double? DeadUnits,
    double? GradientOverTime,
    int? Horizon)
{
    /// <summary>‖∂L/∂W‖ of the layer's weight matrices together; <c>null</c> where none arrived. It depends on the scale of the loss, the ratios do not.</summary>
    public double? WeightGradientNorm { get; init; }

    internal bool IsRecurrent { get; init; }

    internal IReadOnlyList<string> GradientsMissing { get; init; } = [];
}

/// <summary>One saturating activation in one captured step.</summary>
/// <param name="Path">The module's path.</param>
/// <param name="Saturated">Share of its outputs within 1 % of its limits.</param>
public sealed record ActivationRecord(string Path, double Saturated);
