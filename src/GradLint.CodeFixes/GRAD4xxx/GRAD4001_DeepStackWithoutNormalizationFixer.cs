using GradLint.Analyzers.Rules;
using GradLint.CodeFixes.Editing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace GradLint.CodeFixes;

/// <summary>Puts BatchNorm after each hidden layer of a deep stack; a convolution followed by it loses its bias.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(GRAD4001_DeepStackWithoutNormalizationFixer))]
public sealed class GRAD4001_DeepStackWithoutNormalizationFixer : RepairFixer
{
    /// <summary>BatchNorm after each hidden layer.</summary>
    public const string InsertBatchNorm = "GradLint.InsertBatchNormAfterLayers";

    /// <summary>Registers the alternative.</summary>
    public GRAD4001_DeepStackWithoutNormalizationFixer()
        : base("GRAD4001", new Alternative(InsertBatchNorm, GRAD4001_DeepStackWithoutNormalization.BatchNorm, "Insert BatchNorm after each hidden layer"))
    {
    }

    private protected override bool TryPlan(Code code, Diagnostic diagnostic, IReadOnlyList<InvocationExpressionSyntax> calls, string repair, List<Action<SyntaxEditor>> edits) =>
        BatchNormAfterLayers.TryPlan(code, calls, edits);
}
