using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

internal static partial class Descriptors
{
    private const string RecurrentNetworks = "GradLint.Recurrent";

    public static readonly DiagnosticDescriptor GRAD3001_RecurrentTrainingWithoutClipping = new(
        "GRAD3001",
        "A recurrent network is trained without gradient clipping",
        "Nothing clips the gradient of {0} before '{1}' ({2}); insert torch.nn.utils.clip_grad_norm_({3}, {4}) between backward() and step()",
        RecurrentNetworks,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "The gradient through time is a product with one factor for each step. Where the loss has a cliff it is huge, and a single update without clipping can throw the weights away.",
        HelpLink("GRAD3001"));

    public static readonly DiagnosticDescriptor GRAD3004_RecurrentStackWithoutNormalization = new(
        "GRAD3004",
        "Recurrent layers are stacked without normalization between them",
        "The gradient fades to 10^{0} of its size from the last to the first of {1} stacked {2} layers ({3}), about {4} each; put LayerNorm between the layers{5}",
        RecurrentNetworks,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A recurrent layer's state is small at birth, and so is what it passes back to the layer below. Layer normalization between the layers brings the state to size one, and the gradient with it.",
        HelpLink("GRAD3004"));
}
