using System.Collections.Concurrent;
using GradLint.Analyzers.Reading;
using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Embedding;

/// <summary>Every network of a compilation, in an order that depends on nothing but the source.</summary>
internal static class NetworkFinder
{
    public static IReadOnlyList<ReadNetwork> All(Compilation compilation, TorchSharpSymbols symbols, CancellationToken cancellationToken) =>
        All(compilation, new NetworkReader(compilation, symbols), cancellationToken);

    public static IReadOnlyList<ReadNetwork> All(Compilation compilation, NetworkReader reader, CancellationToken cancellationToken)
    {
        var networks = new ConcurrentBag<IReadOnlyList<ReadNetwork>>();
        var options = Parallelism.Of(compilation, cancellationToken);

        // Everybody needs it; made here, all threads make it.
        SourceIndex.Of(compilation, cancellationToken);
        Parallel.ForEach(Types(compilation.Assembly.GlobalNamespace), options, type => Guard.Run(() =>
        {
            if (reader.OfClass(type, cancellationToken) is { Count: > 0 } read)
                networks.Add(read);
        }));
        Parallel.ForEach(compilation.SyntaxTrees, options, tree => Guard.Run(() =>
        {
            foreach (var read in reader.OutsideOfClasses(tree, cancellationToken))
                networks.Add([read]);
        }));
        return [.. networks.OrderBy(n => n[0].TypeName, StringComparer.Ordinal).ThenBy(n => n[0].Site, StringComparer.Ordinal)
            .ThenBy(n => n[0].Tree.FilePath, StringComparer.Ordinal).ThenBy(n => n[0].Origin.SpanStart).SelectMany(n => n)];
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
}
