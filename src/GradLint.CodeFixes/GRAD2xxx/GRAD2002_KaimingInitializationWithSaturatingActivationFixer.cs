using System.Globalization;
using GradLint.CodeFixes.Editing;
using Microsoft.CodeAnalysis.CodeFixes;
using Rule = GradLint.Analyzers.Rules.GRAD2002_KaimingInitializationWithSaturatingActivation;

namespace GradLint.CodeFixes;

/// <summary>Gives an activation the gain that fits it; or, where none does, ReLU in its place or BatchNorm before it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(GRAD2002_KaimingInitializationWithSaturatingActivationFixer))]
public sealed class GRAD2002_KaimingInitializationWithSaturatingActivationFixer : RepairFixer
{
    /// <summary>The initialization that fits the activation.</summary>
    public const string UseFittingInitialization = "GradLint.UseFittingInitialization";

    /// <summary>ReLU, which the weights are initialized for.</summary>
    public const string UseRelu = "GradLint.UseReluUnderKaiming";

    /// <summary>BatchNorm after each of the layers.</summary>
    public const string InsertBatchNorm = "GradLint.InsertBatchNormUnderKaiming";

    /// <summary>Registers the alternatives.</summary>
    public GRAD2002_KaimingInitializationWithSaturatingActivationFixer()
        : base(
            "GRAD2002",
            new(UseFittingInitialization, Rule.Refit, "Use the initialization that fits the activation"),
            new(UseRelu, Rule.Relu, "Use ReLU"),
            new(InsertBatchNorm, Rule.BatchNorm, "Insert BatchNorm before each activation"))
    {
    }

    private protected override bool TryPlan(Code code, Diagnostic diagnostic, IReadOnlyList<InvocationExpressionSyntax> calls, string repair, List<Action<SyntaxEditor>> edits)
    {
        var activations = Count(diagnostic, Rule.ActivationCount);
        var layers = Count(diagnostic, Rule.LayerCount);
        var initializations = calls.Skip(activations + layers).ToList();
        switch (repair)
        {
            case Rule.Relu:
                return activations > 0 && ActivationEdits.TryPlan(code, [.. calls.Take(activations)], ActivationEdits.Target.Relu, edits);
            case Rule.BatchNorm:
                return layers > 0 && NormalizationEdits.TryPlanBatchNorm(code, calls.Skip(activations).Take(layers), edits);
            default:
                if (initializations.Count == 0 || !diagnostic.Properties.TryGetValue(Rule.Gain, out var text)
                    || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var gain))
                    return false;
                return initializations.All(call => gain == 1 ? InitializerCallEdits.TryPlanLecun(code, call, edits) : InitializerCallEdits.TryPlanXavierGain(code, call, gain, edits));
        }
    }
}
