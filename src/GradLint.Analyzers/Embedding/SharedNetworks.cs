using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using GradLint.Analyzers.Reading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Analyzers.Embedding;

/// <summary>
/// What the generator has read, for the analyzers of the same build: they see its compilation, and in it the file that it wrote. Everything
/// is syntax and plain data, and lives as long as the text of that file does.
/// </summary>
internal sealed class SharedNetworks : INetworks
{
    private static readonly ConditionalWeakTable<SourceText, SharedNetworks> ByGeneratedText = new();

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

    /// <summary>Keeps what was read of a compilation for those who see the text that was generated from it.</summary>
    public static void Offer(SourceText generated, Compilation compilation, IReadOnlyList<ReadNetwork> networks) =>
        ByGeneratedText.Add(generated, new(compilation, networks));

    /// <summary>What the generator has read of this compilation; null where it did not run, or saw another one: an edited file, other options, a file that another generator has added.</summary>
    public static SharedNetworks? Of(Compilation compilation)
    {
        var trees = compilation.SyntaxTrees.ToImmutableArray();
        for (var i = trees.Length - 1; i >= 0; i--)
        {
            if (trees[i].FilePath.EndsWith(PredictionGenerator.FileName, StringComparison.Ordinal)
                && trees[i].TryGetText(out var text) && ByGeneratedText.TryGetValue(text, out var shared))
                return shared.IsOf(compilation, trees.RemoveAt(i)) ? shared : null;
        }

        return null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReadNetwork> OfClass(INamedTypeSymbol type, CancellationToken cancellationToken) =>
        type.DeclaringSyntaxReferences.FirstOrDefault() is { } declaration ? [.. ofClasses[(declaration.SyntaxTree, declaration.Span)]] : [];

    /// <inheritdoc/>
    public IReadOnlyList<ReadNetwork> OutsideOfClasses(SyntaxTree tree, CancellationToken cancellationToken) => [.. outside[tree]];

    private bool IsOf(Compilation compilation, ImmutableArray<SyntaxTree> written) =>
        trees.SequenceEqual(written) && references.SequenceEqual(compilation.References) && options.Equals(Comparable(compilation.Options));

    /// <summary>Between generator and analyzers the compiler exchanges the severities that a configuration file sets by file: nothing that is read depends on them.</summary>
    private static CompilationOptions Comparable(CompilationOptions options) =>
        ((CSharpCompilationOptions)options).WithSyntaxTreeOptionsProvider(null);
}
