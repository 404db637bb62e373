using GradLint.SignalPropagation;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>How a measurement is made and judged. Every number is scale-free: no threshold depends on the loss's reduction or scale.</summary>
public sealed record ProbeOptions
{
    /// <summary>The seeds: for each, <c>torch.manual_seed(seed)</c>, a new model, one forward and one backward pass. Eight by default.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [0, 1, 2, 3, 4, 5, 6, 7];

    /// <summary>Where to measure; <c>null</c> leaves the model and the batch where they are.</summary>
    public Device? Device { get; init; }

    /// <summary>The element type of the network's parameters, and of a floating-point input; <c>null</c> leaves both as they are.</summary>
    public ScalarType? ElementType { get; init; }

    /// <summary>
    /// Whether the network is in training mode (dropout, batch statistics) or in evaluation mode; <c>null</c> leaves it as the factory made it,
    /// which in TorchSharp is training mode.
    /// </summary>
    public bool? Training { get; init; }

    /// <summary>
    /// Decades by which a layer's gradient may be smaller than the output layer's: 3 by default, where training with SGD has
    /// broken down (between 2.4 and 3.5 decades in experiments with faulty and repaired networks).
    /// </summary>
    public double VanishingDecades { get; init; } = 3;

    /// <summary>Decades by which a layer's gradient may be larger than the output layer's, or the signal may grow from the first layer to the output: 3 by default.</summary>
    public double ExplodingDecades { get; init; } = 3;

    /// <summary>
    /// Whether the first forward pass is also read for a prediction where the compiler made none: the default. Meanwhile it keeps up to
    /// 16384 elements of what each layer reads and returns, up to 131072 where a single sample has more, and it costs one more copy
    /// from the device. Theory takes weights as random draws: for a trained network the numbers say what such draws would do.
    /// </summary>
    public bool PredictFromRunningNetwork { get; init; } = true;

    /// <summary>What such a prediction takes the loss for; <c>null</c> for what the loss's module is, cross-entropy where there is none.</summary>
    public TrainingLoss? Loss { get; init; }

    /// <summary>
    /// A SARIF 2.1 file that the compiler wrote (<c>&lt;ErrorLog&gt;build.sarif,version=2.1&lt;/ErrorLog&gt;</c>): each warning in it about the
    /// measured network gets its verdict, in <see cref="GradientReport.Warnings"/>. <c>null</c> for none.
    /// </summary>
    public string? ErrorLog { get; init; }

    /// <summary>These options; a threshold that is no positive number would be passed by everything or by nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is zero, negative or NaN.</exception>
    internal ProbeOptions Checked()
    {
        RequirePositive(VanishingDecades, nameof(VanishingDecades));
        RequirePositive(ExplodingDecades, nameof(ExplodingDecades));
        return this;
    }

    internal static void RequirePositive(double threshold, string name)
    {
        if (!(threshold > 0))
            throw new ArgumentOutOfRangeException(name, threshold, $"{name} must be a positive number; infinity switches the verdict off.");
    }
}
