using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

internal static partial class Descriptors
{
    private const string NormalizationCategory = "GradLint.Normalization";

    public static readonly DiagnosticDescriptor GRAD4001_DeepStackWithoutNormalization = new(
        "GRAD4001",
        "A deep stack has neither normalization nor skip connections",
        "The {0} between the output '{1}' and '{2}', through {3} weight layers without normalization or skip connections ({4}); put BatchNorm after each hidden layer, or add skip connections{5}",
        NormalizationCategory,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "What one layer multiplies the gradient by, many layers multiply it by many times. Normalization resets the scale in every layer, and a skip connection lets the gradient pass beside them.",
        HelpLink("GRAD4001"));
}
