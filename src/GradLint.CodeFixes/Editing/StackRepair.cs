using System.Globalization;
using GradLint.Analyzers.Reading;
using GradLint.Analyzers.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace GradLint.CodeFixes.Editing;

/// <summary>
/// The edits that repair one stack of layers. Everything is looked at before the first edit: a repair that cannot be made whole is none.
/// </summary>
internal sealed class StackRepair
{
    private readonly List<Action<SyntaxEditor>> edits;

    private StackRepair(List<Action<SyntaxEditor>> edits) => this.edits = edits;

    /// <summary>Edits that somebody else planned.</summary>
    public static StackRepair Of(List<Action<SyntaxEditor>> edits) => new(edits);

    /// <summary>Null where the code has not the shape that the edits need.</summary>
    public static async Task<StackRepair?> TryCreateAsync(Document document, Diagnostic diagnostic, string repair, CancellationToken cancellationToken)
    {
        var root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        var model = await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false);
        if (root is null || model is null || TorchSharpSymbols.TryResolve(model.Compilation) is not { } symbols
            || !diagnostic.Properties.TryGetValue(HealingRepairs.ActivationCount, out var text)
            || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var activationCount))
            return null;

        var calls = new List<InvocationExpressionSyntax>();
        foreach (var location in diagnostic.AdditionalLocations)
        {
            // One repair stays in one file.
            if (location.SourceTree != root.SyntaxTree || !root.FullSpan.Contains(location.SourceSpan)
                || root.FindNode(location.SourceSpan, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call)
                return null;
            calls.Add(call);
        }

        var code = new Code(root, model, symbols, SyntaxGenerator.GetGenerator(document), cancellationToken);
        var activations = calls.Take(activationCount).Distinct().ToList();
        var layers = calls.Skip(activationCount).Distinct().ToList();
        var edits = new List<Action<SyntaxEditor>>();
        var possible = repair == HealingRepairs.BatchNormBeforeActivation
            ? BatchNormEdits.TryPlan(code, activations, layers, edits)
            : ActivationEdits.TryPlan(code, activations, repair, edits) && InitializationEdits.TryPlan(code, layers, repair, edits);
        return possible ? new StackRepair(edits) : null;
    }

    /// <summary>Makes the edits of several repairs in one document, then adds usings, simplifies and formats what is new.</summary>
    public static async Task<Document> ApplyAsync(Document document, IReadOnlyList<StackRepair> repairs, CancellationToken cancellationToken)
    {
        var editor = await DocumentEditor.CreateAsync(document, cancellationToken).ConfigureAwait(false);
        foreach (var repair in repairs)
        {
            foreach (var edit in repair.edits)
                edit(editor);
        }

        var changed = editor.GetChangedDocument();
        changed = await ImportAdder.AddImportsAsync(changed, Simplifier.AddImportsAnnotation, cancellationToken: cancellationToken).ConfigureAwait(false);
        changed = await Simplifier.ReduceAsync(changed, Simplifier.Annotation, cancellationToken: cancellationToken).ConfigureAwait(false);
        var options = await changed.GetOptionsAsync(cancellationToken).ConfigureAwait(false);
        var newLine = editor.OriginalRoot.DescendantTrivia().FirstOrDefault(t => t.IsKind(SyntaxKind.EndOfLineTrivia)).ToString();
        return await Formatter.FormatAsync(
            changed,
            Formatter.Annotation,
            newLine.Length == 0 ? options : options.WithChangedOption(FormattingOptions.NewLine, LanguageNames.CSharp, newLine),
            cancellationToken).ConfigureAwait(false);
    }
}
