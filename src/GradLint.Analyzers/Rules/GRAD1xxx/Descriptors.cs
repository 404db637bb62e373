using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

internal static partial class Descriptors
{
    private const string DepthAndActivations = "GradLint.Depth";

    public static readonly DiagnosticDescriptor GRAD1001_SaturatingActivationsVanishGradient = new(
        "GRAD1001",
        "Saturating activations make the gradient vanish",
        "The gradient fades to 10^{0} of its size between the output '{1}' and '{2}' ({3}); use ReLU with Kaiming initialization, or put BatchNorm before each {4}{5}",
        DepthAndActivations,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Each sigmoid, tanh or other saturating activation passes on only a part of the gradient. Over many layers the parts multiply, and the first layers no longer learn.",
        HelpLink("GRAD1001"));
}
