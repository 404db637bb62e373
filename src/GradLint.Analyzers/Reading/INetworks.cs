using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Reading;

/// <summary>The networks of a compilation.</summary>
internal interface INetworks
{
    /// <summary>
    /// The networks of a module class: one for every set of arguments with which the compilation constructs it, and where branches are
    /// undecided, one for each way. Empty when it has no forward from one tensor to one, or none that could be read.
    /// </summary>
    IReadOnlyList<ReadNetwork> OfClass(INamedTypeSymbol type, CancellationToken cancellationToken);

    /// <summary>The networks of every <c>Sequential</c> that a file makes outside of any module class.</summary>
    IReadOnlyList<ReadNetwork> OutsideOfClasses(SyntaxTree tree, CancellationToken cancellationToken);
}
