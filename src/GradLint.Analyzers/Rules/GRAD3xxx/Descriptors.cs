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
}
