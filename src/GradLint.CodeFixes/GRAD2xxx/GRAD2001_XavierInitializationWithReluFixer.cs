using System.Globalization;
using GradLint.CodeFixes.Editing;
using Microsoft.CodeAnalysis.CodeFixes;
using Rule = GradLint.Analyzers.Rules.GRAD2001_XavierInitializationWithRelu;

namespace GradLint.CodeFixes;

/// <summary>Initializes layers before ReLU with Kaiming's function, or gives Xavier's the gain that ReLU needs; normal stays normal, uniform uniform.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(GRAD2001_XavierInitializationWithReluFixer))]
public sealed class GRAD2001_XavierInitializationWithReluFixer : RepairFixer
{
    /// <summary>Kaiming initialization.</summary>
    public const string UseKaiming = "GradLint.UseKaimingInsteadOfXavier";

    /// <summary>Xavier initialization with the activation's gain.</summary>
    public const string UseXavierWithGain = "GradLint.UseXavierWithGain";

    /// <summary>Registers the alternatives.</summary>
    public GRAD2001_XavierInitializationWithReluFixer()
        : base(
            "GRAD2001",
            new(UseKaiming, Rule.Kaiming, "Use Kaiming initialization"),
            new(UseXavierWithGain, Rule.XavierWithGain, "Use Xavier initialization with the activation's gain"))
    {
    }

    private protected override bool TryPlan(Code code, Diagnostic diagnostic, IReadOnlyList<InvocationExpressionSyntax> calls, string repair, List<Action<SyntaxEditor>> edits)
    {
        if (!diagnostic.Properties.TryGetValue(Rule.Slopes, out var text) || text?.Split(' ') is not { } slopes || slopes.Length != calls.Count)
            return false;
        for (var i = 0; i < calls.Count; i++)
        {
            if (!double.TryParse(slopes[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var slope))
                return false;
            var planned = repair == Rule.Kaiming
                ? InitializerCallEdits.TryPlanKaiming(code, calls[i], slope, edits)
                : InitializerCallEdits.TryPlanXavier(code, calls[i], slope, edits);
            if (!planned)
                return false;
        }

        return true;
    }
}
