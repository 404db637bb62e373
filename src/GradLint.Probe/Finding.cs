namespace GradLint.Probe;

/// <summary>What a measurement says about a network, from harmless to fatal.</summary>
public enum GradientVerdict
{
    /// <summary>Every layer gets a gradient of a usable size.</summary>
    Healthy,

    /// <summary>A saturating activation sits at its limits for almost all of a batch.</summary>
    Saturated,

    /// <summary>Units of a layer get no gradient from a whole batch.</summary>
    DeadUnits,

    /// <summary>A step leaves a weight as it is, or the loss does not come down.</summary>
    NotUpdating,

    /// <summary>A layer's gradient, or the signal, is larger than it should be by more than <see cref="ProbeOptions.ExplodingDecades"/>.</summary>
    Exploding,

    /// <summary>A layer's gradient is smaller than the output layer's by more than <see cref="ProbeOptions.VanishingDecades"/>.</summary>
    Vanishing,

    /// <summary>A parameter that requires a gradient gets none.</summary>
    Disconnected,

    /// <summary>A value or a gradient is NaN or infinite.</summary>
    NotFinite,
}

/// <summary>One fault that the probe found.</summary>
/// <param name="Verdict">The kind of fault.</param>
/// <param name="Path">The layer that shows it, as <c>named_parameters()</c> spells it; empty where it is the network itself.</param>
/// <param name="Number">
/// The number that crossed the threshold: decades for exploding, vanishing and a weight that is not updating, a share for dead units,
/// saturated activations and a loss that stagnates; <c>null</c> where the fault has none.
/// </param>
/// <param name="Threshold">What it crossed, in the same unit; <c>null</c> where the fault has none.</param>
/// <param name="Message">One sentence: the layer, the number and the threshold.</param>
public sealed record Finding(GradientVerdict Verdict, string Path, double? Number, double? Threshold, string Message)
{
    /// <summary>The rule of the analyzer about this fault: one that the compiler warned with, where it did; <c>null</c> where there is none.</summary>
    public string? RuleId { get; init; }

    /// <summary>The page that explains the fault and what to do about it.</summary>
    public Uri Page => Pages.Of(this);
}
