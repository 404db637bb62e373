using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Analyzers.Embedding;

/// <summary>
/// What the generator has read, for the analyzers of the same build: they see its compilation, and in it the file that it wrote. Everything
/// is syntax and plain data, and lives as long as the first file of the compilation does.
/// </summary>
internal sealed class SharedNetworks : INetworks
{
    // Not by the text that was generated: the compiler may copy it to hash it in its own way.
    private static readonly ConditionalWeakTable<SyntaxTree, SharedNetworks> ByFirstTree = new();

    private readonly ImmutableArray<SyntaxTree> trees;
    private readonly ImmutableArray<MetadataReference> references;
    private readonly CompilationOptions options;
    private readonly ILookup<(SyntaxTree Tree, TextSpan Span), ReadNetwork> ofClasses;
    private readonly ILookup<SyntaxTree, ReadNetwork> outside;

    private SharedNetworks(Compilation compilation, IReadOnlyList<ReadNetwork> networks)
    {
        trees = compilation.SyntaxTrees.ToImmutableArray();
        references = compilation.References.ToImmutableArray();
        options = Comparable(compilation.Options);
        outside = networks.Where(n => n.Declarations.IsEmpty).ToLookup(n => n.Tree);
        ofClasses = networks.SelectMany(n => n.Declarations.Select(d => (Declaration: d, Network: n))).ToLookup(n => n.Declaration, n => n.Network);
        foreach (var network in networks)
            network.Settle();
    }

    /// <summary>Keeps what was read of a compilation for those who see the same files.</summary>
    public static void Offer(Compilation compilation, IReadOnlyList<ReadNetwork> networks)
    {
        if (compilation.SyntaxTrees.FirstOrDefault() is not { } first)
            return;
        var shared = new SharedNetworks(compilation, networks);
        lock (ByFirstTree)
        {
            ByFirstTree.Remove(first);
            ByFirstTree.Add(first, shared);
        }
    }

    /// <summary>What the generator has read of this compilation; null where it did not run, or saw another one: an edited file, other options, a file that another generator has added.</summary>
    public static SharedNetworks? Of(Compilation compilation) =>
        compilation.SyntaxTrees.FirstOrDefault() is { } first && ByFirstTree.TryGetValue(first, out var shared) && shared.IsOf(compilation) ? shared : null;

    /// <inheritdoc/>
    public IReadOnlyList<ReadNetwork> OfClass(INamedTypeSymbol type, CancellationToken cancellationToken) =>
        type.DeclaringSyntaxReferences.FirstOrDefault() is { } declaration ? [.. ofClasses[(declaration.SyntaxTree, declaration.Span)]] : [];

    /// <inheritdoc/>
    public IReadOnlyList<ReadNetwork> OutsideOfClasses(SyntaxTree tree, CancellationToken cancellationToken) => [.. outside[tree]];

    private bool IsOf(Compilation compilation) =>
        trees.SequenceEqual(compilation.SyntaxTrees.Where(t => !t.FilePath.EndsWith(PredictionGenerator.FileName, StringComparison.Ordinal)))
        && references.SequenceEqual(compilation.References) && options.Equals(Comparable(compilation.Options));

    /// <summary>Between generator and analyzers the compiler exchanges the severities that a configuration file sets by file: nothing that is read depends on them.</summary>
    private static CompilationOptions Comparable(CompilationOptions options) =>
        ((CSharpCompilationOptions)options).WithSyntaxTreeOptionsProvider(null);
}
