using System.Collections.Immutable;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

/// <summary>A stack of sigmoid, tanh or other saturating activations through which the gradient does not reach the first layers.</summary>
internal sealed class GRAD1001_SaturatingActivationsVanishGradient : NetworkRule
{
    public override DiagnosticDescriptor Descriptor => Descriptors.GRAD1001_SaturatingActivationsVanishGradient;

    public override void Check(NetworkContext context)
    {
        // It names the initialization that made a saturating stack of this one.
        if (context.HasSpoken("GRAD2002"))
            return;
        var steps = Steps(context);

        // One or two saturating layers train with every usual initialization and optimizer.
        if (steps.Count < 3)
            return;
        var first = steps[0].Layer;
        var output = context.Prediction.Layers[context.Prediction.Layers.Count - 1];
        var byActivations = steps.Sum(s => Math.Log10(s.Factor));
        var factor = Math.Pow(10, byActivations / steps.Count);
        var (exponent, surely, last) = first switch
        {
            { SignalRatio: { } signal, GradientRatio: { } total } => (total, signal + (first.GradientBand ?? 0), output),
            { NormRatio: { } norm } => (norm, norm, output),
            _ => (byActivations, byActivations, Next(context.Prediction, steps[steps.Count - 1].Layer)),
        };
        if (Severity(context.Options, steps.Count, factor, surely) is not { } severity)
            return;

        // Where most of the fading has another cause, another rule speaks.
        if (byActivations > exponent / 2)
            return;
        var activations = steps.SelectMany(s => s.Activations).ToList();
        var repairs = HealingRepairs.Of(context, activations, steps.Select(s => s.Layer.Node));
        context.Report(
            Descriptor,
            severity,
            activations[0].Index,
            activations.Select(a => a.Index).Concat(steps.Select(s => s.Layer.Node.Index)).Select(i => context.Read.Syntax[i].GetLocation()),
            repairs.ToProperties(activations.Count),
            first,
            NetworkContext.Exponent(exponent),
            last.DisplayName,
            first.DisplayName,
            Arithmetic(context.Prediction, first, activations, factor, exponent - byActivations),
            activations.All(a => Name(a) == Name(activations[0])) ? Name(activations[0]) : "activation");
    }

    /// <summary>The weight layers behind which the signal saturates on its only way to the next one, the first one first.</summary>
    private static List<Step> Steps(NetworkContext context)
    {
        var chain = new HiddenChain(context.Network);
        var steps = new List<Step>();
        foreach (var layer in context.Prediction.Layers)
        {
            if (layer.Factor is { } factor && factor > 0 && chain.SaturatingActivationsAfter(layer.Node) is { Count: > 0 } activations)
                steps.Add(new(layer, factor, activations));
        }

        return steps;
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
}
