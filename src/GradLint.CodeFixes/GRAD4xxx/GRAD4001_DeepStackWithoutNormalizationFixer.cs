using GradLint.CodeFixes.Editing;
using Microsoft.CodeAnalysis.CodeFixes;
using Rule = GradLint.Analyzers.Rules.GRAD4001_DeepStackWithoutNormalization;

namespace GradLint.CodeFixes;

/// <summary>Puts BatchNorm after each hidden layer of a deep stack, where a convolution loses its bias; or adds skip connections.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(GRAD4001_DeepStackWithoutNormalizationFixer))]
public sealed class GRAD4001_DeepStackWithoutNormalizationFixer : RepairFixer
{
    /// <summary>BatchNorm after each hidden layer.</summary>
    public const string InsertBatchNorm = "GradLint.InsertBatchNormAfterLayers";

    /// <summary>Skip connections around layers whose widths agree.</summary>
    public const string AddSkipConnections = "GradLint.AddSkipConnectionsToDeepStack";

    /// <summary>Registers the alternatives.</summary>
    public GRAD4001_DeepStackWithoutNormalizationFixer()
        : base(
            "GRAD4001",
            new(InsertBatchNorm, Rule.BatchNorm, "Insert BatchNorm after each hidden layer"),
            new(AddSkipConnections, Rule.Skip, "Add skip connections"))
    {
    }

    /// <summary>Each repair has its own calls: one of them may be in another file.</summary>
    private protected override IReadOnlyList<Location> Places(Diagnostic diagnostic, string repair)
    {
        var layers = Count(diagnostic, Rule.LayerCount);
        return repair == Rule.BatchNorm ? [.. diagnostic.AdditionalLocations.Take(layers)] : [.. diagnostic.AdditionalLocations.Skip(layers)];
    }

    private protected override bool TryPlan(Code code, Diagnostic diagnostic, IReadOnlyList<InvocationExpressionSyntax> calls, string repair, List<Action<SyntaxEditor>> edits)
    {
        if (repair == Rule.BatchNorm)
            return NormalizationEdits.TryPlanBatchNorm(code, calls, edits);
        var count = Count(diagnostic, Rule.SkipCount);
        return calls.Count == 2 * count && SkipEdits.TryPlan(code, [.. Enumerable.Range(0, count).Select(i => (calls[i], calls[count + i]))], [], edits);
    }
}
