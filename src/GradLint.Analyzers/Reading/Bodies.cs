using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Analyzers.Reading;

/// <summary>
/// Finds the bodies that are worth binding by what is written in them. To bind a body is what costs in a compiler; to look at its names
/// costs next to nothing.
/// </summary>
internal static class Bodies
{
    /// <summary>The methods, accessors, initializers and top-level programs of a file that mention a name, in their order.</summary>
    public static IReadOnlyList<SyntaxNode> Mentioning(string name, SyntaxTree tree, CancellationToken cancellationToken)
    {
        if (tree.GetText(cancellationToken).ToString().IndexOf(name, StringComparison.Ordinal) < 0)
            return [];
        var bodies = new List<SyntaxNode>();
        foreach (var token in tree.GetRoot(cancellationToken).DescendantTokens())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Is(token, name) && token.Parent?.FirstAncestorOrSelf<SyntaxNode>(IsBody) is { } body && (bodies.Count == 0 || bodies[bodies.Count - 1] != body))
                bodies.Add(body);
        }

        // Names in the heads of types lead to the top-level program around them, between one member and the next.
        return [.. bodies.Distinct()];
    }

    /// <summary>Whether a name is written in a body.</summary>
    public static bool Mentions(this SyntaxNode body, string name)
    {
        foreach (var token in body.DescendantTokens())
        {
            if (Is(token, name))
                return true;
        }

        return false;
    }

    private static bool Is(SyntaxToken token, string name) => token.IsKind(SyntaxKind.IdentifierToken) && token.ValueText == name;

    private static bool IsBody(SyntaxNode node) => node
        is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or CompilationUnitSyntax
        or ArrowExpressionClauseSyntax { Parent: PropertyDeclarationSyntax or IndexerDeclarationSyntax }
        or EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax or VariableDeclaratorSyntax { Parent.Parent: BaseFieldDeclarationSyntax } };
}
