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
/// <param name="Decades">The number that crossed the threshold, in decades; <c>null</c> where the fault has none.</param>
/// <param name="Message">One sentence: the layer, the number and the threshold.</param>
public sealed record Finding(GradientVerdict Verdict, string Path, double? Decades, string Message);
