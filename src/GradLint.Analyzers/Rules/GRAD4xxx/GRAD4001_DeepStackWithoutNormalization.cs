using System.Collections.Immutable;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

/// <summary>Many weight layers in a row whose gradient does not survive them, and nothing that would keep its scale.</summary>
internal sealed class GRAD4001_DeepStackWithoutNormalization : NetworkRule
{
    /// <summary>The repairs, in the order in which they are offered: BatchNorm after each hidden layer; skip connections where widths agree.</summary>
    public const string BatchNorm = nameof(BatchNorm), Skip = nameof(Skip);

    /// <summary>The properties that say how many of the additional locations are hidden layers and how many pairs follow, first their activations and then their layers, that get a skip connection.</summary>
    public const string LayerCount = nameof(LayerCount), SkipCount = nameof(SkipCount);

    public override DiagnosticDescriptor Descriptor => Descriptors.GRAD4001_DeepStackWithoutNormalization;

    public override void Check(NetworkContext context)
    {
        // They know why the gradient does not survive.
        if (context.HasSpoken("GRAD1001") || context.HasSpoken("GRAD2001") || context.HasSpoken("GRAD2002"))
            return;
        var layers = context.Prediction.Layers;
        if (layers.Count < context.Options.DeepLayers || !context.Network.Nodes.All(IsPlain) || PredictedFault.Of(context.Prediction, context.Options) is not { } fault)
            return;
        var output = layers[layers.Count - 1];
        var hidden = layers.Select(l => l.Node).Where(n => n != output.Node).Distinct().ToList();
        var chain = new HiddenChain(context.Network);
        var skipped = hidden.Select(n => (Layer: n, Activation: chain.ActivationAfter(n))).Where(s => s.Activation is not null)
            .Select(s => new HiddenStep(s.Layer, s.Activation!)).Where(s => s.CanBeSkipped).ToList();
        var places = hidden.Select(n => context.Read.Syntax[n.Index]).Distinct().ToList();
        context.Report(
            Descriptor,
            fault.Severity,
            layers[0].Node.Index,
            places.Concat(skipped.Select(s => context.Read.Syntax[s.Activation.Index])).Concat(skipped.Select(s => context.Read.Syntax[s.Layer.Index])).Select(s => s.GetLocation()),
            Repairs(context, hidden, skipped, output.Node, places.Count),
            layers[0],
            fault.What,
            output.DisplayName,
            layers[0].DisplayName,
            layers.Count,
            Arithmetic(context.Prediction, fault));
    }

    /// <summary>One layer after the other: no join, no normalization, and nothing that other rules are about or that is not readable.</summary>
    private static bool IsPlain(Node node) => node.Operation is Operation.Input or Operation.Linear or Operation.Convolution or Operation.Embedding or Operation.Nonlinearity
        or Operation.Dropout or Operation.Pooling or Operation.Reduction or Operation.Flatten or Operation.Reshape or Operation.Upsample or Operation.Scale;

    private static string Arithmetic(Prediction prediction, PredictedFault fault)
    {
        if (prediction.Causes.Count is > 0 and <= 4)
            return prediction.Explain();
        var steps = prediction.Layers.Count - 1;
        return FormattableString.Invariant($"{steps} steps, about {NetworkContext.Factor(Math.Pow(10, fault.Exponent / steps))} each");
    }

    private static ImmutableDictionary<string, string?> Repairs(NetworkContext context, List<Node> hidden, List<HiddenStep> skipped, Node output, int places)
    {
        if (!context.OffersRepairs)
            return ImmutableDictionary<string, string?>.Empty;
        var repairs = new HealingRepairs(context);
        repairs.Set(LayerCount, places);
        repairs.Set(SkipCount, skipped.Count);

        // BatchNorm1d takes (batch, features): behind an embedding a Linear has a third dimension. What constructs the output layer too has no place for it.
        if (!context.Network.Nodes.Any(n => n.Operation is Operation.Embedding or Operation.Reduction) && hidden.All(n => context.Read.Syntax[n.Index] != context.Read.Syntax[output.Index]))
        {
            var after = new HashSet<int>(hidden.Select(n => n.Index));
            repairs.Try(BatchNorm, context.Network.WithBatchNormAfter(n => after.Contains(n.Index)));
        }

        repairs.Try(Skip, HiddenStep.WithSkips(context.Network, skipped));
        return repairs.ToImmutable();
    }
}
