using Microsoft.Extensions.Logging;

namespace GradLint.Probe;

/// <summary>What a <see cref="TrainingMonitor"/> captures, how often, and what it calls a fault.</summary>
public sealed record MonitorOptions
{
    /// <summary>Every how many steps a capture is made; 50 by default. The first step is captured.</summary>
    public int Every { get; init; } = 50;

    /// <summary>
    /// Whether the outputs of layers are watched too: gradient ratio, forward scale, dead and saturated units, gradient over time. Without
    /// it a capture costs only norms of weight gradients.
    /// </summary>
    public bool Activations { get; init; } = true;

    /// <summary>How many captures are kept; 1000 by default. Beyond it every second one is dropped, so that the whole run stays in sight.</summary>
    public int HistoryLength { get; init; } = 1000;

    /// <summary>As <see cref="ProbeOptions.VanishingDecades"/>.</summary>
    public double VanishingDecades { get; init; } = 3;

    /// <summary>As <see cref="ProbeOptions.ExplodingDecades"/>.</summary>
    public double ExplodingDecades { get; init; } = 3;

    /// <summary>Share of a layer's units that get no gradient from a whole batch, from which on the layer is called dead; one half by default.</summary>
    public double DeadUnits { get; init; } = 0.5;

    /// <summary>Share of a saturating activation's outputs at its limits, from which on it is called saturated; 0.9 by default.</summary>
    public double Saturated { get; init; } = 0.9;

    /// <summary>
    /// log10 of ‖ΔW‖ / ‖W‖ in one step, below which a layer is called not updating: -7 by default, what float32 can still add to a weight.
    /// </summary>
    public double LeastUpdate { get; init; } = -7;

    /// <summary>Gets every record, on the thread that trains.</summary>
    public IProgress<TrainingRecord>? Progress { get; init; }

    /// <summary>Gets a warning for each fault when it first appears, and when the monitor itself fails.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Whether tensors of the CPU are read where they lie; tests take them for another device's.</summary>
    internal bool ReadsHostMemory { get; init; } = true;

    /// <summary>These options; a threshold that is NaN would be passed by everything.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small or NaN.</exception>
    internal MonitorOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Every, 1, nameof(Every));
        ArgumentOutOfRangeException.ThrowIfLessThan(HistoryLength, 2, nameof(HistoryLength));
        ProbeOptions.RequirePositive(VanishingDecades, nameof(VanishingDecades));
        ProbeOptions.RequirePositive(ExplodingDecades, nameof(ExplodingDecades));
        ProbeOptions.RequirePositive(DeadUnits, nameof(DeadUnits));
        ProbeOptions.RequirePositive(Saturated, nameof(Saturated));
        if (double.IsNaN(LeastUpdate))
            throw new ArgumentOutOfRangeException(nameof(LeastUpdate), LeastUpdate, "LeastUpdate is a base-10 logarithm; negative infinity switches the verdict off.");
        return this;
    }
}
