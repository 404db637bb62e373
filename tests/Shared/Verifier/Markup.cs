using Microsoft.CodeAnalysis.Text;

namespace GradLint.Testing;

/// <summary>Parses <c>[|…|]</c>, <c>{|ID:…|}</c> and <c>{|#0:…|}</c> out of a test source (nesting allowed).</summary>
public static class Markup
{
    public static (string Code, List<(string Name, TextSpan Span)> Spans) Parse(string input)
    {
        var code = new System.Text.StringBuilder(input.Length);
        var open = new Stack<(string Name, int Start, bool Named)>();
        var spans = new List<(string, TextSpan)>();
        for (var i = 0; i < input.Length; i++)
        {
            var next = i + 1 < input.Length ? input[i + 1] : '\0';
            if (input[i] == '[' && next == '|')
            {
                open.Push(("", code.Length, false));
                i++;
            }
            else if (input[i] == '{' && next == '|' && input.IndexOf(':', i) is var colon and > 0 && IsName(input.AsSpan(i + 2, colon - i - 2)))
            {
                open.Push((input.Substring(i + 2, colon - i - 2), code.Length, true));
                i = colon;
            }
            else if (input[i] == '|' && next is ']' or '}' && input[i] == '|' && open.Count > 0 && open.Peek().Named == (next == '}'))
            {
                var (name, start, _) = open.Pop();
                spans.Add((name, TextSpan.FromBounds(start, code.Length)));
                i++;
            }
            else
            {
                code.Append(input[i]);
            }
        }

        if (open.Count > 0)
            throw new ArgumentException($"Unterminated markup span starting at {open.Peek().Start} in:{Environment.NewLine}{input}");
        return (code.ToString(), spans);

        static bool IsName(ReadOnlySpan<char> text) => text.Length > 0 && text.IndexOfAny("|[]{} \r\n") < 0;
    }
}
