using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

/// <summary>The networks of a compilation.</summary>
internal interface INetworks
{
    /// <summary>The network of a module class; null when it has no forward from one tensor to one, or none that could be read.</summary>
    ReadNetwork? OfClass(INamedTypeSymbol type, CancellationToken cancellationToken);

    /// <summary>The networks of every <c>Sequential</c> that a file makes outside of any module class.</summary>
    IReadOnlyList<ReadNetwork> OutsideOfClasses(SyntaxTree tree, CancellationToken cancellationToken);
}
