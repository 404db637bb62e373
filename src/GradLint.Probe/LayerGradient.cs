namespace GradLint.Probe;

/// <summary>What the probe could see of a layer.</summary>
public enum LayerStatus
{
    /// <summary>The gradient with respect to the layer's output and weight was measured.</summary>
    Measured,

    /// <summary>
    /// Only the weight's gradient was measured: no call of the layer was seen, because the model calls it with <c>forward(x)</c>,
    /// which fires no hooks in TorchSharp (<c>call(x)</c> does), and its output was not found among the tensors that the pass left.
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
public sealed record LayerGradient(string Path, string Type, LayerStatus Status, Decades? GradientRatio, Decades? WeightGradientRatio, Decades? ForwardScale)
{
    /// <summary>For a recurrent layer how the gradient falls over time; <c>null</c> elsewhere, and where it was not seen.</summary>
    public GradientOverTime? OverTime { get; init; }

    /// <summary>Why a recurrent layer has no <see cref="OverTime"/>; <c>null</c> where it has one, and for other layers.</summary>
    public string? NoOverTimeBecause { get; init; }

    internal bool IsRecurrent { get; init; }
}

/// <summary>How the gradient of a recurrent layer falls, or grows, from the end of the sequence x that it reads to the beginning.</summary>
/// <param name="Steps">The length T of the sequence.</param>
/// <param name="Ratio">log10 of ‖∂L/∂x₁‖ / ‖∂L/∂x_T‖.</param>
/// <param name="Horizon">Steps back from the end after which the gradient is 10^-3 of the last step's or less; <c>null</c> where it does not fall that far within the sequence.</param>
/// <param name="PredictedHorizon">
/// What theory says of the horizon of this layer with these weights taken as random draws, for a loss that reads the last step only;
/// <c>null</c> where it is silent, or where the gradient does not fall.
/// </param>
public sealed record GradientOverTime(int Steps, Decades Ratio, int? Horizon, int? PredictedHorizon)
{
    private const double Gone = -3;

    /// <summary>The norms of each step, one array for each seed.</summary>
    internal static GradientOverTime? Of(IReadOnlyList<double[]?> seeds, int? predictedHorizon)
    {
        if (seeds.Count == 0 || seeds.Any(s => s is not { Length: > 1 } || s.Length != seeds[0]!.Length))
            return null;
        int steps = seeds[0]!.Length;
        return new GradientOverTime(steps, Decades.Of([.. seeds.Select(s => Math.Log10(s![0] / s[^1]))]),
            StepsUntilGone([.. Enumerable.Range(0, steps).Select(t => seeds.Average(s => Math.Log10(s![t] / s[^1])))]), predictedHorizon);
    }

    /// <summary>Steps back from the end of base-10 logarithms until one is -3 or less.</summary>
    internal static int? StepsUntilGone(double[] decades)
    {
        for (int back = 1; back < decades.Length; back++)
        {
            if (decades[^(back + 1)] <= Gone)
                return back;
        }

        return null;
    }
}
