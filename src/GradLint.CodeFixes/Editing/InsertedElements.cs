using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Formatting;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace GradLint.CodeFixes.Editing;

/// <summary>
/// Elements to put into the argument lists of <c>Sequential</c>: on the line of the element that they follow, or on a line of their own where each element has one.
/// </summary>
internal sealed class InsertedElements
{
    private readonly Dictionary<ArgumentListSyntax, List<(int After, ExpressionSyntax Element)>> lists = [];

    public void Add(ArgumentSyntax behind, ExpressionSyntax element)
    {
        var list = (ArgumentListSyntax)behind.Parent!;
        if (!lists.TryGetValue(list, out var elements))
            lists.Add(list, elements = []);
        elements.Add((list.Arguments.IndexOf(behind), element));
    }

    public void Plan(List<Action<SyntaxEditor>> edits)
    {
        foreach (var list in lists)
            edits.Add(editor => editor.ReplaceNode(list.Key, (current, _) => With((ArgumentListSyntax)current, list.Value)));
    }

    private static ArgumentListSyntax With(ArgumentListSyntax list, List<(int After, ExpressionSyntax Element)> elements)
    {
        var items = list.Arguments.GetWithSeparators().ToList();
        foreach (var (after, element) in elements.OrderByDescending(e => e.After))
        {
            var at = 2 * after;
            var behind = items[at];
            var argument = Argument(element).WithAdditionalAnnotations(Formatter.Annotation);
            var separator = Token(SyntaxKind.CommaToken).WithTrailingTrivia(Space);
            if (EndsLine(items, at) && BeginsLine(items, at))
            {
                argument = argument.WithLeadingTrivia(behind.GetLeadingTrivia().Where(t => t.IsKind(SyntaxKind.WhitespaceTrivia)));
                // A comment at the end of the line stays with its element.
                separator = separator.WithTrailingTrivia(items[at + 1].GetTrailingTrivia());
                items[at + 1] = items[at + 1].AsToken().WithTrailingTrivia(items[at + 1].GetTrailingTrivia().Where(t => t.IsKind(SyntaxKind.EndOfLineTrivia)));
            }

            items.Insert(at + 1, separator);
            items.Insert(at + 2, argument);
        }

        return list.WithArguments(SeparatedList<ArgumentSyntax>(items));
    }

    private static bool EndsLine(List<SyntaxNodeOrToken> items, int at) =>
        at + 1 < items.Count && items[at + 1].GetTrailingTrivia().Any(t => t.IsKind(SyntaxKind.EndOfLineTrivia));

    private static bool BeginsLine(List<SyntaxNodeOrToken> items, int at) => at == 0 || EndsLine(items, at - 2);
}
