using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

/// <summary>What is wrong with a network by its prediction alone, whatever the cause.</summary>
/// <param name="What">For a message: <c>gradient fades to 10^-4.1 of its size</c>.</param>
/// <param name="Exponent">The predicted number: a decimal logarithm, negative where the gradient fades.</param>
/// <param name="Severity">By the thresholds; the whole band of random draws lies beyond them.</param>
internal sealed record PredictedFault(string What, double Exponent, DiagnosticSeverity Severity)
{
    /// <summary>Null for a healthy network, and for one of which too little is known.</summary>
    public static PredictedFault? Of(Prediction prediction, RuleOptions options)
    {
        if (prediction.Layers.Count == 0 || EffectiveGain.HasConstantWeights(prediction))
            return null;
        var first = prediction.Layers[0];
        var last = prediction.Layers[prediction.Layers.Count - 1];
        if (first.NormRatio is { } norm)
        {
            var band = first.GradientBand ?? 0;
            var signal = first.SignalRatio ?? norm;
            var shown = first.GradientRatio ?? signal;

            // The ratio of root mean squares holds √(output width / first width), which is no fault: it must be one without that.
            if (Beyond(-(signal + band), options.VanishingDecades, options.VanishingDecadesInfo) is { } fades && -norm >= options.VanishingDecadesInfo)
                return new($"gradient fades to 10^{NetworkContext.Exponent(shown)} of its size", shown, fades);
            if (Beyond(signal - band, options.ExplodingDecades, options.ExplodingDecadesInfo) is { } grows && norm >= options.ExplodingDecadesInfo)
                return new($"gradient grows to 10^{NetworkContext.Exponent(shown)} of its size", shown, grows);
        }

        return prediction.ForwardGrowth is { } growth && Beyond(growth - (last.ScaleBand ?? 0), options.ExplodingDecades, options.ExplodingDecadesInfo) is { } forward
            ? new($"signal grows to 10^{NetworkContext.Exponent(growth)} of its size", growth, forward)
            : null;
    }

    private static DiagnosticSeverity? Beyond(double decades, double warning, double info) =>
        decades >= warning ? DiagnosticSeverity.Warning : decades >= info ? DiagnosticSeverity.Info : null;
}
