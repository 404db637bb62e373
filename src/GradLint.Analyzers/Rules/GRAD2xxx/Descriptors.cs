using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

internal static partial class Descriptors
{
    private const string InitializationCategory = "GradLint.Initialization";

    public static readonly DiagnosticDescriptor GRAD2001_XavierInitializationWithRelu = new(
        "GRAD2001",
        "Xavier initialization is too small for ReLU",
        "Xavier initialization feeds {0}: between the output '{1}' and '{2}' the gradient shrinks to 10^{3} of what the fitting initialization keeps ({4}); use {5}, or Xavier with a gain of {6}{7}",
        InitializationCategory,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Xavier initialization keeps the signal's scale through activations that are linear near zero. ReLU passes half of it, so that each layer loses a factor of 0.71 which Kaiming initialization makes up for.",
        HelpLink("GRAD2001"));
}
