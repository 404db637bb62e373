using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Analyzers.Embedding;

/// <summary>Every network of a compilation, in an order that depends on nothing but the source.</summary>
internal static class NetworkFinder
{
    public static IEnumerable<ReadNetwork> All(Compilation compilation, TorchSharpSymbols symbols, CancellationToken cancellationToken)
    {
        var reader = new NetworkReader(compilation, symbols);
        var networks = new List<ReadNetwork>();
        foreach (var type in Types(compilation.Assembly.GlobalNamespace))
        {
            if (reader.IsModuleClass(type))
                networks.AddRange(reader.ReadAll(type, cancellationToken));
        }

        foreach (var tree in compilation.SyntaxTrees)
            networks.AddRange(OutsideOfClasses(reader, tree, cancellationToken));
        return networks.OrderBy(n => n.TypeName, StringComparer.Ordinal).ThenBy(n => n.Site, StringComparer.Ordinal)
            .ThenBy(n => n.Tree.FilePath, StringComparer.Ordinal).ThenBy(n => n.Place.SpanStart);
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container)
    {
        foreach (var member in container.GetMembers())
        {
            if (member is INamedTypeSymbol type)
                yield return type;
            if (member is INamespaceOrTypeSymbol inner)
            {
                foreach (var nested in Types(inner))
                    yield return nested;
            }
        }
    }

    private static IEnumerable<ReadNetwork> OutsideOfClasses(NetworkReader reader, SyntaxTree tree, CancellationToken cancellationToken)
    {
        var bodies = new HashSet<SyntaxNode>();
        foreach (var token in tree.GetRoot(cancellationToken).DescendantTokens())
        {
            if (token.IsKind(SyntaxKind.IdentifierToken) && token.ValueText == "Sequential" && token.Parent?.FirstAncestorOrSelf<SyntaxNode>(IsBody) is { } body)
                bodies.Add(body);
        }

        foreach (var body in bodies)
        {
            foreach (var read in reader.ReadBody(body, cancellationToken))
                yield return read;
        }
    }

    private static bool IsBody(SyntaxNode node) => node
        is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or CompilationUnitSyntax
        or ArrowExpressionClauseSyntax { Parent: PropertyDeclarationSyntax or IndexerDeclarationSyntax }
        or EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax or VariableDeclaratorSyntax { Parent.Parent: BaseFieldDeclarationSyntax } };
}
