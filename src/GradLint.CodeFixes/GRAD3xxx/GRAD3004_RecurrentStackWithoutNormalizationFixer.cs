using GradLint.CodeFixes.Editing;
using Microsoft.CodeAnalysis.CodeFixes;
using Rule = GradLint.Analyzers.Rules.GRAD3004_RecurrentStackWithoutNormalization;

namespace GradLint.CodeFixes;

/// <summary>Puts LayerNorm between recurrent layers that are members of their own. A module of several layers would have to be split, and its
/// weights renamed: that is left to its author.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(GRAD3004_RecurrentStackWithoutNormalizationFixer))]
public sealed class GRAD3004_RecurrentStackWithoutNormalizationFixer : RepairFixer
{
    /// <summary>LayerNorm between the layers.</summary>
    public const string InsertLayerNorm = "GradLint.InsertLayerNormBetweenRecurrentLayers";

    /// <summary>Registers the alternative.</summary>
    public GRAD3004_RecurrentStackWithoutNormalizationFixer()
        : base("GRAD3004", new Alternative(InsertLayerNorm, Rule.LayerNorm, "Insert LayerNorm between the recurrent layers"))
    {
    }

    private protected override bool TryPlan(Code code, Diagnostic diagnostic, IReadOnlyList<InvocationExpressionSyntax> calls, string repair, List<Action<SyntaxEditor>> edits) =>
        RecurrentNormalization.TryPlan(code, calls, edits);
}
