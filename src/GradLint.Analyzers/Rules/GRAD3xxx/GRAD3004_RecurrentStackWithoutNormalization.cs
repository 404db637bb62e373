using System.Collections.Immutable;
using System.Globalization;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

/// <summary>Recurrent layers that read one another's states as they are: each passes back a part of the gradient only.</summary>
internal sealed class GRAD3004_RecurrentStackWithoutNormalization : NetworkRule
{
    /// <summary>The repair by LayerNorm between the layers; the property holds the exponent that is left.</summary>
    public const string LayerNorm = nameof(LayerNorm);

    public override DiagnosticDescriptor Descriptor => Descriptors.GRAD3004_RecurrentStackWithoutNormalization;

    public override void Check(NetworkContext context)
    {
        if (!context.Network.Nodes.Any(n => n.Operation is Operation.Recurrent))
            return;
        var isSplit = context.Network.Nodes.Any(n => n.Operation is Operation.Recurrent { Layers: > 1 });
        var prediction = isSplit ? context.Predict(context.Network.WithSingleRecurrentLayers()) : context.Prediction;
        var (first, last) = LongestStack(prediction.Layers);
        var count = last - first + 1;
        if (count < context.Options.RecurrentLayers || Fading(prediction.Layers[first], prediction.Layers[last]) is not var (exponent, band)
            || -exponent < context.Options.RecurrentDecadesInfo)
            return;
        var severity = -(exponent + band) >= context.Options.VanishingDecades ? DiagnosticSeverity.Warning : DiagnosticSeverity.Info;
        var layers = prediction.Layers.Skip(first).Take(count).ToList();
        // A layer of the split network stands where its module does.
        var nodes = layers.Select(l => context.Network.Nodes.FirstOrDefault(n => n.Path == l.Node.Path && n.Location.Equals(l.Node.Location))).OfType<Node>().Distinct().ToList();
        if (nodes.Count == 0)
            return;
        context.Report(
            Descriptor,
            severity,
            nodes[0].Index,
            nodes.Select(n => context.Read.Syntax[n.Index]).Distinct().Select(s => s.GetLocation()),
            isSplit || nodes.Count != count || !context.OffersRepairs ? ImmutableDictionary<string, string?>.Empty : Repair(context, nodes),
            layers[0],
            NetworkContext.Exponent(exponent),
            count,
            Kinds(layers),
            Paths(layers),
            NetworkContext.Factor(Math.Pow(10, exponent / (count - 1))));
    }

    /// <summary>The first and the last of the most recurrent layers in a row, each of which reads the one before it, or that behind dropout.</summary>
    private static (int First, int Last) LongestStack(IReadOnlyList<LayerPrediction> layers)
    {
        var longest = (First: 0, Last: -1);
        for (var first = 0; first < layers.Count;)
        {
            if (!IsRecurrent(layers[first]))
            {
                first++;
                continue;
            }

            var last = first;
            while (last + 1 < layers.Count && IsRecurrent(layers[last + 1]) && layers[last] is { Factor: not null, Between: "" })
                last++;
            if (last - first > longest.Last - longest.First)
                longest = (first, last);
            first = last + 1;
        }

        return longest;
    }

    // A cell that is applied once has no time, and its stack is written step by step.
    private static bool IsRecurrent(LayerPrediction layer) => layer.Node.Operation is Operation.Recurrent { Steps: not 1 };

    /// <summary>log10 of the first layer's gradient over the last one's, root mean squares, and the half-width of its band.</summary>
    private static (double Exponent, double Band)? Fading(LayerPrediction first, LayerPrediction last)
    {
        var exponent = first.SignalRatio - last.SignalRatio ?? first.NormRatio - last.NormRatio;
        var (wide, narrow) = (first.GradientBand ?? 0, last.GradientBand ?? 0);
        return exponent is { } e ? (e, Math.Sqrt(Math.Max(0, wide * wide - narrow * narrow))) : null;
    }

    private static string Kinds(List<LayerPrediction> layers) => string.Join(" and ", layers.Select(l => ((Operation.Recurrent)l.Node.Operation).Cell switch
    {
        RecurrentCell.Tanh => "tanh RNN",
        RecurrentCell.ReLU => "ReLU RNN",
        var cell => cell.ToString(),
    }).Distinct());

    private static string Paths(List<LayerPrediction> layers) => layers[0].DisplayName == layers[layers.Count - 1].DisplayName
        ? $"'{layers[0].DisplayName}'"
        : $"'{layers[0].DisplayName}' to '{layers[layers.Count - 1].DisplayName}'";

    private static ImmutableDictionary<string, string?> Repair(NetworkContext context, List<Node> nodes)
    {
        var below = new HashSet<int>(nodes.Take(nodes.Count - 1).Select(n => n.Index));
        var layers = context.Predict(context.Network.WithLayerNormAfter(n => below.Contains(n.Index))).Layers;
        var (first, last) = (layers.FirstOrDefault(l => Same(l, nodes[0])), layers.LastOrDefault(l => Same(l, nodes[nodes.Count - 1])));
        return first is not null && last is not null && Fading(first, last) is var (exponent, _) && Math.Abs(exponent) < Math.Max(0.5, context.Options.RecurrentDecadesInfo)
            ? ImmutableDictionary<string, string?>.Empty.Add(LayerNorm, exponent.ToString("R", CultureInfo.InvariantCulture))
            : ImmutableDictionary<string, string?>.Empty;

        static bool Same(LayerPrediction layer, Node node) => layer.Node.Path == node.Path && layer.Node.Location.Equals(node.Location);
    }
}
