using System.Collections.Immutable;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

/// <summary>A stack of sigmoid, tanh or other saturating activations through which the gradient does not reach the first layers.</summary>
internal sealed class GRAD1001_SaturatingActivationsVanishGradient : NetworkRule
{
    /// <summary>The repairs, in the order in which they are offered, and so the properties that say that they heal.</summary>
    public const string Relu = nameof(Relu), LeakyRelu = nameof(LeakyRelu), Elu = nameof(Elu), Gelu = nameof(Gelu), BatchNorm = nameof(BatchNorm), LayerNorm = nameof(LayerNorm), Skip = nameof(Skip);

    /// <summary>The property that says how many of the additional locations are activations; as many weight layers follow, in the same order, where each has one.</summary>
    public const string ActivationCount = nameof(ActivationCount);

    /// <summary>The properties with the positions of the activations that LayerNorm belongs behind, and of those that get a skip connection.</summary>
    public const string NormalizedBehind = nameof(NormalizedBehind), Skipped = nameof(Skipped);

    /// <summary>The slope of LeakyReLU in repairs: steep enough that narrow networks are not born dead (Lu et al. 2019, arXiv:1903.06733).</summary>
    public const double LeakySlope = 0.2;

    public override DiagnosticDescriptor Descriptor => Descriptors.GRAD1001_SaturatingActivationsVanishGradient;

    public override void Check(NetworkContext context)
    {
        // It names the initialization that made a saturating stack of this one.
        if (context.HasSpoken("GRAD2002") || Fault(context.Network, context.Prediction, context.Options) is not { } fault)
            return;
        var activations = fault.Steps.SelectMany(s => s.Activations).ToList();
        context.Report(
            Descriptor,
            fault.Severity,
            activations[0].Index,
            activations.Concat(fault.Steps.Select(s => s.Layer.Node)).Select(n => context.Read.Syntax[n.Index].GetLocation()),
            Repairs(context, fault.Steps),
            fault.First,
            NetworkContext.Exponent(fault.Exponent),
            fault.Last.DisplayName,
            fault.First.DisplayName,
            Arithmetic(context.Prediction, fault.First, activations, fault.Factor, fault.Exponent - fault.ByActivations),
            activations.All(a => Name(a) == Name(activations[0])) ? Name(activations[0]) : "activation");
    }

    /// <summary>Null where the rule has nothing to say.</summary>
    private static SaturatedStack? Fault(Network network, Prediction prediction, RuleOptions options)
    {
        var steps = Steps(network, prediction);

        // One or two saturating layers train with every usual initialization and optimizer.
        if (steps.Count < 3 || EffectiveGain.HasConstantWeights(prediction))
            return null;
        var first = steps[0].Layer;
        var byActivations = steps.Sum(s => Math.Log10(s.Factor));
        var factor = Math.Pow(10, byActivations / steps.Count);
        var output = prediction.Layers[prediction.Layers.Count - 1];
        var (exponent, surely, last) = first switch
        {
            { SignalRatio: { } signal, GradientRatio: { } total } => (total, signal + (first.GradientBand ?? 0), output),
            { NormRatio: { } norm } => (norm, norm, output),
            _ => (byActivations, byActivations, Next(prediction, steps[steps.Count - 1].Layer)),
        };

        // Where most of the fading has another cause, another rule speaks.
        return Severity(options, steps.Count, factor, surely) is { } severity && byActivations <= exponent / 2
            ? new(steps, severity, first, last, exponent, byActivations, factor)
            : null;
    }

    /// <summary>
    /// The weight layers behind which the signal saturates on its only way to the next one, the first one first. A block that repeats an
    /// unknown number of times may not run at all: nothing in it counts.
    /// </summary>
    private static List<Step> Steps(Network network, Prediction prediction)
    {
        var chain = new HiddenChain(network);
        var steps = new List<Step>();
        foreach (var layer in prediction.Layers)
        {
            if (layer.Factor is { } factor && factor > 0 && !MayNotRun(layer.Node) && chain.SaturatingActivationsAfter(layer.Node) is { Count: > 0 } activations)
                steps.Add(new(layer, factor, activations));
        }

        if (steps.Count == 0)
            return steps;

        // Branches that are added up do not multiply: what counts is what the gradient of the first layer passes whichever way it takes.
        var passed = chain.OnEveryWay(steps[0].Layer.Node.Index);
        steps.RemoveAll(s => s.Activations.Any(a => !passed.Contains(a.Index)));
        return steps;
    }

    private static bool MayNotRun(Node node)
    {
        for (var block = node.Repeat; block is not null; block = block.Parent)
        {
            if (block.Count is null)
                return true;
        }

        return false;
    }

    private static LayerPrediction Next(Prediction prediction, LayerPrediction layer)
    {
        for (var i = 0; i < prediction.Layers.Count - 1; i++)
        {
            if (prediction.Layers[i] == layer)
                return prediction.Layers[i + 1];
        }

        return layer;
    }

    private static DiagnosticSeverity? Severity(RuleOptions options, int steps, double factor, double surely)
    {
        if (surely <= -options.VanishingDecades)
            return DiagnosticSeverity.Warning;
        return surely <= -options.VanishingDecadesInfo || (steps >= options.SaturatingLayers && factor < options.SaturatingFactor) ? DiagnosticSeverity.Info : null;
    }

    private static ImmutableDictionary<string, string?> Repairs(NetworkContext context, IReadOnlyList<Step> steps)
    {
        if (!context.OffersRepairs)
            return ImmutableDictionary<string, string?>.Empty;
        var repairs = new HealingRepairs(context);
        var network = context.Network;
        var activations = new HashSet<int>(steps.SelectMany(s => s.Activations).Select(a => a.Index));
        var layers = new HashSet<int>(steps.Select(s => s.Layer.Node.Index));
        repairs.Set(ActivationCount, steps.Sum(s => s.Activations.Count));
        Try(Relu, Swapped(Activation.ReLU, Initializer.KaimingNormal()));
        Try(LeakyRelu, Swapped(Activation.LeakyReLU(LeakySlope), Initializer.KaimingNormal(Gain.LeakyReLU(LeakySlope))));
        Try(Elu, Swapped(Activation.ELU(), Initializer.LecunNormal(FittingGain.ELU)));
        Try(Gelu, Swapped(Activation.GELU, Initializer.LecunNormal(FittingGain.GELU)));
        if (steps.Any(s => s.Activations.Count != 1))
            return repairs.ToImmutable();
        var hidden = steps.Select(s => new HiddenStep(s.Layer.Node, s.Activations[0])).ToList();
        Try(BatchNorm, network.WithBatchNormAfter(n => layers.Contains(n.Index)));
        if (hidden.All(s => s.Layer.Operation is Operation.Linear))
        {
            var behind = new HashSet<int>(hidden.Select(s => s.NormalizesBehindActivation ? s.Activation.Index : s.Layer.Index));
            repairs.Set(NormalizedBehind, HiddenStep.Positions(hidden, s => s.NormalizesBehindActivation));
            Try(LayerNorm, network.WithLayerNormAfter(n => behind.Contains(n.Index)));
        }

        repairs.Set(Skipped, HiddenStep.Positions(hidden, s => s.CanBeSkipped));
        Try(Skip, HiddenStep.WithSkips(network, hidden));
        return repairs.ToImmutable();

        void Try(string repair, Network? repaired) => repairs.Try(repair, repaired, (n, p) => Fault(n, p, context.Options) is null);

        Network Swapped(Activation function, Initializer weight) =>
            network.WithActivations(n => activations.Contains(n.Index) ? function : null).WithWeights(n => layers.Contains(n.Index) ? weight : null);
    }

    /// <summary>For example <c>11 sigmoid layers, about 0.14 each, then 0.40</c>: the product is the number in the message.</summary>
    private static string Arithmetic(Prediction prediction, LayerPrediction first, IReadOnlyList<Node> activations, double factor, double rest)
    {
        // A network of many different stretches is told in two numbers: the saturating layers, and all the rest.
        if (prediction.Causes.Count is > 0 and <= 4 && prediction.Layers[0] == first)
            return prediction.Explain();
        var kinds = activations.GroupBy(Name).Select(g => FormattableString.Invariant($"{g.Count()} {g.Key}")).ToList();
        var each = kinds.Count == 1 ? kinds[0] : string.Join(", ", kinds.Take(kinds.Count - 1)) + " and " + kinds[kinds.Count - 1];
        var text = $"{each} layers, about {NetworkContext.Factor(factor)} each";
        var remainder = Math.Pow(10, rest);
        return remainder is > 0.95 and < 1.05 ? text : $"{text}, then {NetworkContext.Factor(remainder)}";
    }

    private static string Name(Node activation) => activation.Operation is Operation.Nonlinearity { Function: { } function } ? function.Name : "";

    private sealed record Step(LayerPrediction Layer, double Factor, IReadOnlyList<Node> Activations);

    private sealed record SaturatedStack(
        IReadOnlyList<Step> Steps, DiagnosticSeverity Severity, LayerPrediction First, LayerPrediction Last, double Exponent, double ByActivations, double Factor);
}
