using System.Collections.Immutable;
using System.Globalization;
using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Editing;

/// <summary>
/// A fix with alternatives. The rule names in the diagnostic's properties those that heal, and its additional locations are the calls that
/// they change; an alternative that cannot be made whole in this code is not offered.
/// </summary>
public abstract class RepairFixer : CodeFixProvider
{
    private readonly string id;
    private readonly Alternative[] alternatives;

    private protected RepairFixer(string id, params Alternative[] alternatives)
    {
        this.id = id;
        this.alternatives = alternatives;
    }

    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds => ImmutableArray.Create(id);

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => FixAllProvider.Create(
        async (context, document, diagnostics) =>
        {
            // dotnet format asks for the alternatives of the analyzer's first diagnostic, whosever it is, and where that is another rule's it comes without a key.
            foreach (var alternative in alternatives)
            {
                if ((string.IsNullOrEmpty(context.CodeActionEquivalenceKey) || alternative.Key == context.CodeActionEquivalenceKey)
                    && await ApplyAsync(document, diagnostics, alternative.Repair, context.CancellationToken).ConfigureAwait(false) is { } repaired)
                    return repaired;
            }

            return document;
        });

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (var diagnostic in context.Diagnostics.Where(d => d.Id == id))
        {
            foreach (var alternative in alternatives)
            {
                if (await TryPlanAsync(context.Document, diagnostic, alternative.Repair, context.CancellationToken).ConfigureAwait(false) is null)
                    continue;
                var document = context.Document;
                context.RegisterCodeFix(
                    CodeAction.Create(
                        alternative.Title,
                        async c => await ApplyAsync(document, ImmutableArray.Create(diagnostic), alternative.Repair, c).ConfigureAwait(false) ?? document,
                        alternative.Key),
                    diagnostic);
            }
        }
    }

    /// <summary>Plans the edits of one alternative; false where the code has not the shape that they need.</summary>
    private protected abstract bool TryPlan(Code code, Diagnostic diagnostic, IReadOnlyList<InvocationExpressionSyntax> calls, string repair, List<Action<SyntaxEditor>> edits);

    /// <summary>The calls that the edits are about; all additional locations unless a rule has other ones among them.</summary>
    private protected virtual IReadOnlyList<Location> Places(Diagnostic diagnostic, string repair) => diagnostic.AdditionalLocations;

    /// <summary>A number among the diagnostic's properties; 0 where it has none.</summary>
    private protected static int Count(Diagnostic diagnostic, string property) =>
        diagnostic.Properties.TryGetValue(property, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;

    private async Task<List<Action<SyntaxEditor>>?> TryPlanAsync(Document document, Diagnostic diagnostic, string repair, CancellationToken cancellationToken)
    {
        if (!diagnostic.Properties.ContainsKey(repair) || Places(diagnostic, repair) is not { Count: > 0 } places)
            return null;
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root is null || model is null || TorchSharpSymbols.TryResolve(model.Compilation) is not { } symbols)
            return null;
        var calls = new List<InvocationExpressionSyntax>();
        foreach (var location in places)
        {
            // One repair stays in one file.
            if (!IsIn(root.SyntaxTree, location) || !root.FullSpan.Contains(location.SourceSpan)
                || root.FindNode(location.SourceSpan, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call)
                return null;
            calls.Add(call);
        }

        var edits = new List<Action<SyntaxEditor>>();
        return TryPlan(new Code(root, model, symbols, SyntaxGenerator.GetGenerator(document), cancellationToken), diagnostic, calls, repair, edits) ? edits : null;
    }

    // The same file, as it was when the warning was found. A workspace may have dropped its tree since then and parsed the same text again.
    private static bool IsIn(SyntaxTree tree, Location location) => location.SourceTree is { } source
        && (source == tree || (source.FilePath == tree.FilePath && source.GetText().ContentEquals(tree.GetText())));

    private async Task<Document?> ApplyAsync(Document document, ImmutableArray<Diagnostic> diagnostics, string repair, CancellationToken cancellationToken)
    {
        var edits = new List<Action<SyntaxEditor>>();
        var edited = new HashSet<TextSpan>();
        foreach (var diagnostic in diagnostics)
        {
            // Two networks may share a block; what one repair has edited, the next one leaves alone.
            if (await TryPlanAsync(document, diagnostic, repair, cancellationToken).ConfigureAwait(false) is not { } planned)
                continue;
            var spans = Places(diagnostic, repair).Select(l => l.SourceSpan).ToList();
            if (spans.Exists(edited.Contains))
                continue;
            edited.UnionWith(spans);
            edits.AddRange(planned);
        }

        return edits.Count == 0 ? null : await DocumentEdits.ApplyAsync(document, edits, cancellationToken).ConfigureAwait(false);
    }

    /// <param name="Key">The equivalence key: constant, one for each kind of repair.</param>
    /// <param name="Repair">The diagnostic's property that says that it heals.</param>
    /// <param name="Title">What the editor shows.</param>
    private protected sealed record Alternative(string Key, string Repair, string Title);
}
