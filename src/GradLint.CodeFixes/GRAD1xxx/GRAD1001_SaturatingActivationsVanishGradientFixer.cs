using System.Globalization;
using GradLint.Analyzers.Rules;
using GradLint.CodeFixes.Editing;
using Microsoft.CodeAnalysis.CodeFixes;
using Rule = GradLint.Analyzers.Rules.GRAD1001_SaturatingActivationsVanishGradient;

namespace GradLint.CodeFixes;

/// <summary>
/// Repairs a stack of saturating activations: another activation together with the initialization that belongs to it, normalization, or skip
/// connections. A repair is offered only where the prediction says that it heals.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(GRAD1001_SaturatingActivationsVanishGradientFixer))]
public sealed class GRAD1001_SaturatingActivationsVanishGradientFixer : RepairFixer
{
    /// <summary>ReLU with Kaiming initialization.</summary>
    public const string UseReluWithKaiming = "GradLint.UseReluWithKaiming";

    /// <summary>LeakyReLU with Kaiming initialization for its slope.</summary>
    public const string UseLeakyReluWithKaiming = "GradLint.UseLeakyReluWithKaiming";

    /// <summary>ELU with weights of standard deviation 1.2452/√fan_in.</summary>
    public const string UseEluWithFittingInitialization = "GradLint.UseEluWithFittingInitialization";

    /// <summary>GELU with weights of standard deviation 1.48/√fan_in.</summary>
    public const string UseGeluWithFittingInitialization = "GradLint.UseGeluWithFittingInitialization";

    /// <summary>BatchNorm before each activation.</summary>
    public const string InsertBatchNorm = "GradLint.InsertBatchNorm";

    /// <summary>LayerNorm before each tanh, and after each sigmoid.</summary>
    public const string InsertLayerNorm = "GradLint.InsertLayerNorm";

    /// <summary>Skip connections around layers whose widths agree.</summary>
    public const string AddSkipConnections = "GradLint.AddSkipConnections";

    /// <summary>Registers the alternatives.</summary>
    public GRAD1001_SaturatingActivationsVanishGradientFixer()
        : base(
            "GRAD1001",
            new(UseReluWithKaiming, Rule.Relu, "Use ReLU with Kaiming initialization"),
            new(UseLeakyReluWithKaiming, Rule.LeakyRelu, "Use LeakyReLU with Kaiming initialization"),
            new(UseEluWithFittingInitialization, Rule.Elu, "Use ELU with the initialization that fits it"),
            new(UseGeluWithFittingInitialization, Rule.Gelu, "Use GELU with the initialization that fits it"),
            new(InsertBatchNorm, Rule.BatchNorm, "Insert BatchNorm before each activation"),
            new(InsertLayerNorm, Rule.LayerNorm, "Insert LayerNorm before each tanh and after each sigmoid"),
            new(AddSkipConnections, Rule.Skip, "Add skip connections"))
    {
    }

    private protected override bool TryPlan(Code code, Diagnostic diagnostic, IReadOnlyList<InvocationExpressionSyntax> calls, string repair, List<Action<SyntaxEditor>> edits)
    {
        var count = Count(diagnostic, Rule.ActivationCount);
        List<InvocationExpressionSyntax> activations = [.. calls.Take(count)], layers = [.. calls.Skip(count)];
        switch (repair)
        {
            case Rule.Relu:
                return Swap(ActivationEdits.Target.Relu, LayerInitialization.ForRelu);
            case Rule.LeakyRelu:
                return Swap(ActivationEdits.Target.LeakyRelu, LayerInitialization.ForLeakyRelu);
            case Rule.Elu:
                return Swap(ActivationEdits.Target.Elu, LayerInitialization.WithGain(FittingGain.ELU));
            case Rule.Gelu:
                return Swap(ActivationEdits.Target.Gelu, LayerInitialization.WithGain(FittingGain.GELU));
            case Rule.BatchNorm:
                return NormalizationEdits.TryPlanBatchNorm(code, layers, edits);
            case Rule.LayerNorm:
                var behind = Positions(diagnostic, Rule.NormalizedBehind);
                return activations.Count == layers.Count
                    && NormalizationEdits.TryPlanLayerNorm(code, layers.Select((layer, i) => new NormalizationEdits.Place(layer, behind.Contains(i) ? activations[i] : layer)), edits);
            case Rule.Skip:
                var skipped = Positions(diagnostic, Rule.Skipped);
                return activations.Count == layers.Count
                    && SkipEdits.TryPlan(code, [.. skipped.Where(i => i < count).Select(i => (activations[i], layers[i]))], [.. activations.Where((_, i) => !skipped.Contains(i))], edits);
            default:
                return false;
        }

        bool Swap(ActivationEdits.Target target, LayerInitialization initialization) =>
            ActivationEdits.TryPlan(code, activations, target, edits) && InitializationEdits.TryPlan(code, [.. layers.Distinct()], initialization, edits);
    }

    private static HashSet<int> Positions(Diagnostic diagnostic, string property)
    {
        var positions = new HashSet<int>();
        if (diagnostic.Properties.TryGetValue(property, out var text) && text is not null)
        {
            foreach (var part in text.Split(' '))
            {
                if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
                    positions.Add(position);
            }
        }

        return positions;
    }
}
