using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Analyzers.Tests.Mutation;

/// <summary>Sources as they are while somebody types, or after an edit went wrong. The same seed gives the same sources.</summary>
internal sealed class Mutator(IReadOnlyList<string> sources, int seed)
{
    private readonly Random random = new(seed);
    private readonly List<(string Source, IReadOnlyList<SyntaxToken> Tokens)> parsed =
        [.. sources.Select(s => (s, (IReadOnlyList<SyntaxToken>)[.. CSharpSyntaxTree.ParseText(s).GetRoot().DescendantTokens().Where(t => t.Span.Length > 0)]))];

    public IEnumerable<string> Sources(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (source, tokens) = parsed[random.Next(parsed.Count)];
            yield return Mutate(source, tokens);
        }
    }

    private string Mutate(string source, IReadOnlyList<SyntaxToken> tokens)
    {
        var token = tokens[random.Next(tokens.Count)];
        var span = token.Span;
        switch (random.Next(6))
        {
            case 0:
                return source.Remove(span.Start, span.Length);
            case 1:
                return source.Insert(span.End, " " + token.Text);
            case 2:
                return Swap(source, token, tokens[random.Next(tokens.Count)]);
            case 3:
                return source[..span.End];
            case 4:
                // A call that is being typed: everything between its parenthesis and the end of the statement is not there yet.
                var open = source.IndexOf('(', span.Start);
                var end = open < 0 ? -1 : source.IndexOf(';', open);
                return end < 0 ? source[..span.Start] : source.Remove(open + 1, end - open);
            default:
                var dot = source.IndexOf('.', span.Start);
                var line = dot < 0 ? -1 : source.IndexOf('\n', dot);
                return line < 0 ? source.Insert(span.End, ".") : source.Remove(dot + 1, line - dot - 1);
        }
    }

    private static string Swap(string source, SyntaxToken a, SyntaxToken b)
    {
        var (first, second) = a.SpanStart <= b.SpanStart ? (a, b) : (b, a);
        return first == second
            ? source
            : source[..first.SpanStart] + second.Text + source[first.Span.End..second.SpanStart] + first.Text + source[second.Span.End..];
    }
}
