using System.Globalization;
using GradLint.CodeFixes.Editing;
using Microsoft.CodeAnalysis.CodeFixes;
using Rule = GradLint.Analyzers.Rules.GRAD3001_RecurrentTrainingWithoutClipping;

namespace GradLint.CodeFixes;

/// <summary>Clips the gradients before every update of a training loop, by their norm or each value by itself.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(GRAD3001_RecurrentTrainingWithoutClippingFixer))]
public sealed class GRAD3001_RecurrentTrainingWithoutClippingFixer : RepairFixer
{
    /// <summary>The norm of all gradients together is limited; their direction stays.</summary>
    public const string ClipGradNorm = "GradLint.ClipGradNorm";

    /// <summary>Each element of the gradients is limited.</summary>
    public const string ClipGradValue = "GradLint.ClipGradValue";

    /// <summary>Registers the alternatives.</summary>
    public GRAD3001_RecurrentTrainingWithoutClippingFixer()
        : base(
            "GRAD3001",
            new(ClipGradNorm, Rule.ClipNorm, "Clip the norm of the gradients before the update"),
            new(ClipGradValue, Rule.ClipValue, "Clip the values of the gradients before the update"))
    {
    }

    /// <summary>The updates; behind them are the recurrent layers, which may be in other files.</summary>
    private protected override IReadOnlyList<Location> Places(Diagnostic diagnostic, string repair) =>
        [.. diagnostic.AdditionalLocations.Take(Count(diagnostic, Rule.StepCount))];

    private protected override bool TryPlan(Code code, Diagnostic diagnostic, IReadOnlyList<InvocationExpressionSyntax> calls, string repair, List<Action<SyntaxEditor>> edits)
    {
        var function = repair == Rule.ClipNorm ? "clip_grad_norm_" : "clip_grad_value_";
        for (var i = 0; i < calls.Count; i++)
        {
            if (!diagnostic.Properties.TryGetValue(Rule.Parameters + i.ToString(CultureInfo.InvariantCulture), out var parameters)
                || !ClippingEdits.TryPlan(code, calls[i], function, parameters!, diagnostic.Properties[repair]!, edits))
                return false;
        }

        return true;
    }
}
