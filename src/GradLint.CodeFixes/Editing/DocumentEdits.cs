using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace GradLint.CodeFixes.Editing;

/// <summary>Makes planned edits in a document.</summary>
internal static class DocumentEdits
{
    /// <summary>Edits, then adds usings, simplifies and formats what is new, with the line endings that the document has.</summary>
    public static async Task<Document> ApplyAsync(Document document, IReadOnlyList<Action<SyntaxEditor>> edits, CancellationToken cancellationToken)
    {
        var editor = await DocumentEditor.CreateAsync(document, cancellationToken).ConfigureAwait(false);
        foreach (var edit in edits)
            edit(editor);

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
