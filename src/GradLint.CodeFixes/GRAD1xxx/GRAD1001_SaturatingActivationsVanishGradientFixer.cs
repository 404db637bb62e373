using System.Collections.Immutable;
using GradLint.Analyzers.Rules;
using GradLint.CodeFixes.Editing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace GradLint.CodeFixes;

/// <summary>
/// Repairs a stack of saturating activations: ReLU or LeakyReLU together with the initialization that belongs to them, or BatchNorm before
/// each activation. A repair is offered only where the prediction says that it heals.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(GRAD1001_SaturatingActivationsVanishGradientFixer))]
public sealed class GRAD1001_SaturatingActivationsVanishGradientFixer : CodeFixProvider
{
    /// <summary>ReLU with Kaiming initialization.</summary>
    public const string UseReluWithKaiming = "GradLint.UseReluWithKaiming";

    /// <summary>LeakyReLU with Kaiming initialization for its slope.</summary>
    public const string UseLeakyReluWithKaiming = "GradLint.UseLeakyReluWithKaiming";

    /// <summary>BatchNorm before each activation.</summary>
    public const string InsertBatchNorm = "GradLint.InsertBatchNorm";

    private static readonly (string Key, string Repair, string Title)[] Alternatives =
    [
        (UseReluWithKaiming, HealingRepairs.ReluWithKaiming, "Use ReLU with Kaiming initialization"),
        (UseLeakyReluWithKaiming, HealingRepairs.LeakyReluWithKaiming, "Use LeakyReLU with Kaiming initialization"),
        (InsertBatchNorm, HealingRepairs.BatchNormBeforeActivation, "Insert BatchNorm before each activation"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("GRAD1001");

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => FixAllProvider.Create(
        async (context, document, diagnostics) =>
            context.CodeActionEquivalenceKey is { } key && Array.Find(Alternatives, a => a.Key == key).Repair is { } repair
                ? await ApplyAsync(document, diagnostics, repair, context.CancellationToken).ConfigureAwait(false) ?? document
                : document);

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (var diagnostic in context.Diagnostics)
        {
            foreach (var (key, repair, title) in Alternatives)
            {
                if (!diagnostic.Properties.ContainsKey(repair) || await StackRepair.TryCreateAsync(context.Document, diagnostic, repair, context.CancellationToken).ConfigureAwait(false) is null)
                    continue;
                var document = context.Document;
                context.RegisterCodeFix(
                    CodeAction.Create(title, async c => await ApplyAsync(document, ImmutableArray.Create(diagnostic), repair, c).ConfigureAwait(false) ?? document, key),
                    diagnostic);
            }
        }
    }

    private static async Task<Document?> ApplyAsync(Document document, ImmutableArray<Diagnostic> diagnostics, string repair, CancellationToken cancellationToken)
    {
        var repairs = new List<StackRepair>();
        foreach (var diagnostic in diagnostics)
        {
            if (diagnostic.Properties.ContainsKey(repair) && await StackRepair.TryCreateAsync(document, diagnostic, repair, cancellationToken).ConfigureAwait(false) is { } planned)
                repairs.Add(planned);
        }

        return repairs.Count == 0 ? null : await StackRepair.ApplyAsync(document, repairs, cancellationToken).ConfigureAwait(false);
    }
}
