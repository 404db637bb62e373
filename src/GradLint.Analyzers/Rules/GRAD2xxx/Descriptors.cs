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

    public static readonly DiagnosticDescriptor GRAD2002_KaimingInitializationWithSaturatingActivation = new(
        "GRAD2002",
        "Kaiming initialization does not fit the activation",
        "Kaiming initialization, made for ReLU, feeds {0}: the gradient {1} to 10^{2} of its size between '{3}' and '{4}' ({5}); {6}{7}",
        InitializationCategory,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Kaiming initialization doubles the variance of the weights because ReLU passes half of the signal. Sigmoid passes far less whatever the weights are, SELU needs no more than a gain of one.",
        HelpLink("GRAD2002"));
}
