using GradLint.Probe.Live;
using GradLint.SignalPropagation;

namespace GradLint.Probe;

/// <summary>Where a prediction comes from.</summary>
public enum PredictionSource
{
    /// <summary>The compiler read the source, and the numbers travelled in the assembly.</summary>
    Embedded,

    /// <summary>
    /// The probe read the running network: its layers, the variances that its weights have, and the wiring from the values that passed
    /// between them. Weights are taken as random draws, which those of a trained network are not.
    /// </summary>
    Live,
}

/// <summary>What a measurement makes of a prediction.</summary>
public enum Confirmation
{
    /// <summary>The measurement agrees.</summary>
    Confirmed,

    /// <summary>The measurement contradicts.</summary>
    Refuted,

    /// <summary>There is nothing to compare: theory is silent about the layer, or its gradient was not seen or not finite.</summary>
    Inconclusive,
}

/// <summary>One layer: the number that was predicted, and the one that autograd has.</summary>
/// <param name="Path">The layer.</param>
/// <param name="Predicted">Predicted log10 ratio against the output layer; <c>null</c> where theory is silent.</param>
/// <param name="Measured">Measured log10 ratio, mean over the seeds; <c>null</c> where it was not seen.</param>
/// <param name="Tolerance">Decades by which the two may differ: 0.3, or the predicted scatter of one draw where that is larger.</param>
/// <param name="IsWeightGradient">Whether both are ratios of weight gradients, because the model calls <c>forward(x)</c>, which hides the layer's output.</param>
/// <param name="File">The source file, relative to its project; empty for a prediction from the running network.</param>
/// <param name="Line">The line of the layer, from 1; 0 where it is unknown.</param>
public sealed record LayerConfirmation(string Path, double? Predicted, double? Measured, double Tolerance, bool IsWeightGradient, string File, int Line)
{
    /// <summary>The least tolerance, in decades: a factor of two.</summary>
    public const double LeastTolerance = 0.3;

    /// <summary>Whether the two numbers agree.</summary>
    public Confirmation Verdict =>
        Predicted is not { } predicted || Measured is not { } measured || double.IsNaN(measured) ? Confirmation.Inconclusive
        : Math.Abs(predicted - measured) <= Tolerance ? Confirmation.Confirmed
        : Confirmation.Refuted;

    internal static LayerConfirmation Of(EmbeddedPrediction prediction, LayerGradient? layer)
    {
        bool weight = layer is { GradientRatio: null, WeightGradientRatio: not null };
        return new LayerConfirmation(
            prediction.ModulePath,
            weight ? prediction.WeightGradient : prediction.ActivationGradient,
            (weight ? layer?.WeightGradientRatio : layer?.GradientRatio)?.Mean,
            Math.Max(LeastTolerance, (weight ? prediction.WeightGradientTolerance : prediction.ActivationGradientTolerance) ?? 0),
            weight,
            prediction.File,
            prediction.Line);
    }
}

/// <summary>One warning of the compiler about the whole network, and what the measurement makes of it.</summary>
/// <param name="RuleId">The rule, such as <c>GRAD1001</c>.</param>
/// <param name="FirstLayer">
/// The first weight layer compared with the output layer; for a stack of recurrent layers (GRAD3004) the first of them compared with the last.
/// </param>
/// <param name="Verdict">
/// Confirmed where the number agrees or the damage is at least what the probe calls a fault; refuted where the gradient is there.
/// </param>
public sealed record WarningConfirmation(string RuleId, LayerConfirmation FirstLayer, Confirmation Verdict);

/// <summary>One warning in a log of the compiler, and what the measurement makes of it.</summary>
/// <param name="Warning">The warning.</param>
/// <param name="Layer">The layer that it was compared at; <c>null</c> where the probe cannot measure what the rule is about.</param>
/// <param name="Verdict">As <see cref="WarningConfirmation.Verdict"/>; of a gradient that never arrives, whether it arrived.</param>
public sealed record CompilerWarningConfirmation(CompilerWarning Warning, LayerConfirmation? Layer, Confirmation Verdict);

/// <summary>What was predicted, beside what was measured.</summary>
public sealed class PredictionComparison
{
    private const string RecurrentStack = "GRAD3004";

    private PredictionComparison(PredictionSource source, string type, string fingerprint, IReadOnlyList<LayerConfirmation> layers, IReadOnlyList<WarningConfirmation> warnings)
    {
        Source = source;
        Type = type;
        Fingerprint = fingerprint;
        Layers = layers;
        Warnings = warnings;
    }

    /// <summary>Who predicted.</summary>
    public PredictionSource Source { get; }

    /// <summary>The network's type as the compiler knows it; of a generic type its definition.</summary>
    public string Type { get; }

    /// <summary>The fingerprint of the network as it was compiled, or as it ran.</summary>
    public string Fingerprint { get; }

    /// <summary>Every weight layer of the network, in the order of the measurement.</summary>
    public IReadOnlyList<LayerConfirmation> Layers { get; }

    /// <summary>The warnings; none where the compiler had nothing to warn about.</summary>
    public IReadOnlyList<WarningConfirmation> Warnings { get; }

    /// <summary>Why a number is missing in a prediction from the running network, for people; <c>null</c> where none is.</summary>
    public string? UnknownBecause { get; private init; }

    internal static PredictionComparison? Of(IReadOnlyList<EmbeddedPrediction> predictions, IReadOnlyList<LayerGradient> measured, ProbeOptions options)
    {
        if (predictions.Count == 0)
            return null;
        var rows = measured.ToDictionary(l => l.Path, StringComparer.Ordinal);
        int[] order = [.. measured.Select((l, i) => (l.Path, i)).Join(predictions.Select((p, i) => (p.ModulePath, i)), m => m.Path, p => p.ModulePath, (_, p) => p.i)];
        var layers = order.Select(i => LayerConfirmation.Of(predictions[i], rows[predictions[i].ModulePath])).ToArray();
        if (layers.Length == 0)
            return null;
        var warnings = predictions.SelectMany(p => p.RuleIds).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(rule => (Rule: rule, At: rule == RecurrentStack ? AcrossStack(layers, measured) : layers[0]))
            .Select(warning => new WarningConfirmation(warning.Rule, warning.At, JudgeWarning(warning.At, options)));
        return new PredictionComparison(PredictionSource.Embedded, predictions[0].Type, predictions[0].Fingerprint, layers, [.. warnings]);
    }

    internal static PredictionComparison? Of(LivePrediction? live) => live is not { Layers.Count: > 0 } ? null
        : new PredictionComparison(PredictionSource.Live, live.Network.Name, live.Network.Fingerprint, live.Layers, []) { UnknownBecause = live.UnknownBecause };

    /// <summary>The warnings of a log that are about a layer of this network: in its file, at its line. Other warnings are about other code.</summary>
    internal IEnumerable<CompilerWarningConfirmation> Judge(CompilerWarnings log, IReadOnlyList<LayerGradient> measured, ProbeOptions options)
    {
        if (Source != PredictionSource.Embedded)
            yield break;
        foreach (var warning in log.All)
        {
            if (Layers.FirstOrDefault(l => l.Line > 0 && warning.Lines.Contains(l.Line) && IsIn(warning.File, l.File)) is not { } layer)
                continue;
            yield return warning.RuleId[4..] switch
            {
                // Depth, initialization and normalization: the size of the gradient at the first layer.
                ['1' or '2' or '4', ..] => new(warning, Layers[0], JudgeWarning(Layers[0], options)),
                // Within one module of several recurrent layers nothing can be seen.
                _ when warning.RuleId == RecurrentStack && AcrossStack(Layers, measured) is { Predicted: not null } stack => new(warning, stack, JudgeWarning(stack, options)),
                ['6', ..] => new(warning, layer, measured.First(l => l.Path == layer.Path).Status switch
                {
                    LayerStatus.NoGradient => Confirmation.Confirmed,
                    LayerStatus.Measured or LayerStatus.CalledThroughForward => Confirmation.Refuted,
                    _ => Confirmation.Inconclusive,
                }),
                _ => new(warning, null, Confirmation.Inconclusive),
            };
        }
    }

    /// <summary>
    /// The first recurrent layer against the last, which is what the warning about a stack of them states; without numbers where there are
    /// not two, as in one module of several layers.
    /// </summary>
    private static LayerConfirmation AcrossStack(IReadOnlyList<LayerConfirmation> layers, IReadOnlyList<LayerGradient> measured)
    {
        var recurrent = measured.Where(l => l.IsRecurrent).Select(l => l.Path).ToHashSet(StringComparer.Ordinal);
        LayerConfirmation[] stack = [.. layers.Where(l => recurrent.Contains(l.Path))];
        var (first, last) = stack.Length > 0 ? (stack[0], stack[^1]) : (layers[0], layers[0]);
        return stack.Length > 1
            ? first with { Predicted = first.Predicted - last.Predicted, Measured = first.Measured - last.Measured, Tolerance = Math.Max(first.Tolerance, last.Tolerance) }
            : first with { Predicted = null, Measured = null };
    }

    private static bool IsIn(string uri, string file)
    {
        string path = uri.Replace('\\', '/');
        return path.Equals(file, StringComparison.OrdinalIgnoreCase) || path.EndsWith('/' + file, StringComparison.OrdinalIgnoreCase);
    }

    private static Confirmation JudgeWarning(LayerConfirmation first, ProbeOptions options)
    {
        if (first.Verdict != Confirmation.Refuted)
            return first.Verdict;
        double predicted = first.Predicted!.Value, measured = first.Measured!.Value;
        bool damaged = predicted < 0 ? measured <= -options.VanishingDecades : measured >= options.ExplodingDecades;
        return damaged ? Confirmation.Confirmed : Confirmation.Refuted;
    }
}
