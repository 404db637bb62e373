using System.Collections.Concurrent;
using System.Reflection;
using GradLint.SignalPropagation;
using static TorchSharp.torch;

namespace GradLint.Probe;

/// <summary>The predictions that the GradLint generator put into the assembly in which a network is written.</summary>
internal static class EmbeddedPredictions
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyList<EmbeddedPrediction>> s_read = new();

    /// <summary>
    /// The predictions about a model, by its type; for a network without a class of its own, such as a <c>Sequential</c> in a variable,
    /// those of <paramref name="caller"/> whose layers have exactly the model's paths and weight shapes. None where several differ.
    /// </summary>
    /// <param name="model">The network that was measured.</param>
    /// <param name="layers">Path and weight shape (such as <c>10x64</c>) of its weight layers.</param>
    /// <param name="caller">The assembly that made the network.</param>
    public static IReadOnlyList<EmbeddedPrediction> For(nn.Module model, IReadOnlyCollection<(string Path, string Shape)> layers, Assembly? caller)
    {
        var type = model.GetType();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        var candidates = In(type.Assembly).Where(p => p.Site.Length == 0 && p.Type == definition.FullName);
        if (caller is not null)
            candidates = candidates.Concat(In(caller).Where(p => p.Site.Length > 0 && p.Type == definition.FullName));

        var fitting = candidates.GroupBy(p => (p.Site, p.Fingerprint)).Where(network => Fits(network, layers)).ToArray();
        return fitting.Length > 0 && fitting.All(network => network.Key.Fingerprint == fitting[0].Key.Fingerprint) ? [.. fitting[0]] : [];
    }

    /// <summary>
    /// Whether every predicted layer is there, with its shape. A class may have layers that the compiler could not read; a network that
    /// is known by its layers alone may not.
    /// </summary>
    private static bool Fits(IEnumerable<EmbeddedPrediction> network, IReadOnlyCollection<(string Path, string Shape)> layers)
    {
        var shapes = layers.ToDictionary(l => l.Path, l => l.Shape, StringComparer.Ordinal);
        var predicted = network.ToArray();
        return predicted.All(p => shapes.TryGetValue(p.ModulePath, out string? shape) && (p.WeightShape.Length == 0 || p.WeightShape == shape))
            && (predicted[0].Site.Length == 0 || predicted.Length == layers.Count);
    }

    private static IReadOnlyList<EmbeddedPrediction> In(Assembly assembly) => s_read.GetOrAdd(assembly, static a =>
    [
        .. a.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Where(m => m.Key == EmbeddedPrediction.MetadataKey)
            .SelectMany(m => EmbeddedPrediction.ParseAll(m.Value))
            .DistinctBy(p => (p.Type, p.Site, p.ModulePath, p.Fingerprint)),
    ]);
}
