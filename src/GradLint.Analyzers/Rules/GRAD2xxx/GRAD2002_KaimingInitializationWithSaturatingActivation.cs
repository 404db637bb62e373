using System.Collections.Immutable;
using System.Globalization;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

/// <summary>Kaiming's gain, made for ReLU, in front of an activation that it does not fit.</summary>
internal sealed class GRAD2002_KaimingInitializationWithSaturatingActivation : NetworkRule
{
    /// <summary>The repair that puts ReLU in place of the activations: the weights are initialized for it already.</summary>
    public const string Relu = nameof(Relu);

    /// <summary>The repair that puts BatchNorm after each of the layers.</summary>
    public const string BatchNorm = nameof(BatchNorm);

    /// <summary>The repair that writes the gain that fits the activation into the calls.</summary>
    public const string Refit = nameof(Refit);

    /// <summary>The property with the fitting gain.</summary>
    public const string Gain = nameof(Gain);

    /// <summary>The properties that say how many of the additional locations are activations and how many layers; calls that initialize follow.</summary>
    public const string ActivationCount = nameof(ActivationCount), LayerCount = nameof(LayerCount);

    public override DiagnosticDescriptor Descriptor => Descriptors.GRAD2002_KaimingInitializationWithSaturatingActivation;

    public override void Check(NetworkContext context)
    {
        if (context.Prediction.Layers.Count < 2 || context.Prediction.Layers[0] is not { NormRatio: { } norm } first || EffectiveGain.HasConstantWeights(context.Prediction))
            return;
        var misfits = Misfits(context);
        if (misfits.Count == 0)
            return;

        // The activation that most of them feed is what the message is about.
        var group = misfits.GroupBy(m => m.Function.Kind).OrderByDescending(g => g.Count()).First().ToList();
        if (Severity(context, group) is not { } severity)
            return;
        var (exponent, output, arithmetic) = group[0].Function.Kind == ActivationKind.SELU
            ? Growth(group)
            : (first.GradientRatio ?? first.SignalRatio ?? norm, context.Prediction.Layers[context.Prediction.Layers.Count - 1], Arithmetic(context.Prediction, first.GradientRatio ?? first.SignalRatio ?? norm));
        var from = group[0].Function.Kind == ActivationKind.SELU ? group[0].Row : first;
        var name = group[0].Function.Name;
        var calls = group.Select(m => context.Read.Initializations[m.Layer.Index]).OfType<SyntaxNode>().Distinct().ToList();
        var activations = group.Select(m => context.Read.Syntax[m.Activation.Index]).Distinct().ToList();
        var layers = group.Select(m => context.Read.Syntax[m.Layer.Index]).Distinct().ToList();
        var (properties, gain) = Repairs(context, group, calls);
        context.Report(
            Descriptor,
            severity,
            calls.Count > 0 ? context.Read.PlaceOf(calls[0]) : context.Read.PlaceOf(group[0].Layer.Index),
            activations.Concat(layers).Concat(calls).Select(s => s.GetLocation()),
            properties.SetItem(ActivationCount, Text(activations.Count)).SetItem(LayerCount, Text(layers.Count)),
            from,
            name,
            exponent > 0 ? "grows" : "fades",
            NetworkContext.Exponent(exponent),
            output.DisplayName,
            from.DisplayName,
            arithmetic,
            Advice(group[0].Function, gain));
    }

    /// <summary>The layers with ReLU's gain of about √2 whose only way on leads into an activation that needs another.</summary>
    private static List<Misfit> Misfits(NetworkContext context)
    {
        var chain = new HiddenChain(context.Network);
        var found = new List<Misfit>();
        var output = context.Prediction.Layers[context.Prediction.Layers.Count - 1].Node;
        foreach (var row in context.Prediction.Layers)
        {
            var layer = row.Node;
            if (layer != output && row.Factor is { } factor && found.All(m => m.Layer != layer) && EffectiveGain.WeightOf(layer.Operation) is { IsDefault: false, IsConstant: false } initializer && HasReluGain(initializer, layer.Operation)
                && chain.ActivationAfter(layer) is { Operation: Operation.Nonlinearity { Function: var function } } activation
                && (IsSigmoid(function.Kind) ? factor < context.Options.SaturatingFactor : IsMisfit(function.Kind)))
                found.Add(new(row, layer, activation, function));
        }

        return found;
    }

    /// <summary>fan · Var(W) is about 2, by name or by number.</summary>
    private static bool HasReluGain(Initializer initializer, Operation operation)
    {
        var variance = initializer.Scaling is VarianceScaling.FanIn or VarianceScaling.FanOut ? initializer.Coefficient
            : initializer.Scaling == VarianceScaling.None && EffectiveGain.Of(operation) is { } gain ? gain * gain : null;
        return variance is > 1.6 and < 2.4;
    }

    private static bool IsMisfit(ActivationKind kind) => kind is ActivationKind.SELU or ActivationKind.Tanh or ActivationKind.ELU or ActivationKind.Softsign or ActivationKind.GELU or ActivationKind.GELUTanh or ActivationKind.SiLU;

    private static bool IsSigmoid(ActivationKind kind) => kind is ActivationKind.Sigmoid or ActivationKind.Hardsigmoid;

    private static DiagnosticSeverity? Severity(NetworkContext context, List<Misfit> misfits)
    {
        var predicted = PredictedFault.Of(context.Prediction, context.Options)?.Severity;
        if (misfits.Count < Math.Max(2, context.Options.KaimingLayers))
            return null;
        return misfits[0].Function.Kind switch
        {
            // What passes 0.3 of the gradient per layer and cannot pass more is wrong from the first layers on.
            var kind when IsSigmoid(kind) => DiagnosticSeverity.Warning,
            ActivationKind.SELU => predicted ?? DiagnosticSeverity.Info,
            _ => predicted,
        };
    }

    private static string Advice(Activation function, double? gain) => (IsSigmoid(function.Kind), gain) switch
    {
        (true, _) => "use ReLU, or put BatchNorm before each " + function.Name + ": no initialization heals it",
        (_, 1) => "use a gain of 1 (Var(W) = 1/fan_in)",
        (_, { } fitting) => FormattableString.Invariant($"use a gain of {fitting:0.00}, or normalize"),
        _ => "normalize, or use another activation",
    };

    /// <summary>What the layers themselves multiply the gradient by, without the head: SELU under the gain of ReLU grows a little in each.</summary>
    private static (double Exponent, LayerPrediction Last, string Arithmetic) Growth(List<Misfit> misfits)
    {
        var steps = misfits.Take(misfits.Count - 1).ToList();
        var exponent = steps.Sum(m => Math.Log10(m.Row.Factor!.Value));
        return (exponent, misfits[misfits.Count - 1].Row, FormattableString.Invariant($"{steps.Count} {misfits[0].Function.Name} layers, about {NetworkContext.Factor(Math.Pow(10, exponent / steps.Count))} each"));
    }

    private static string Arithmetic(Prediction prediction, double exponent)
    {
        if (prediction.Causes.Count is > 0 and <= 4)
            return prediction.Explain();
        var steps = prediction.Layers.Count - 1;
        return FormattableString.Invariant($"{steps} steps, about {NetworkContext.Factor(Math.Pow(10, exponent / steps))} each");
    }

    /// <summary>The repairs that heal, and the gain of the fitting initialization where it does.</summary>
    private static (ImmutableDictionary<string, string?> Properties, double? Gain) Repairs(NetworkContext context, List<Misfit> misfits, List<SyntaxNode> calls)
    {
        if (!context.OffersRepairs)
            return (ImmutableDictionary<string, string?>.Empty, null);
        var repairs = new HealingRepairs(context);
        var activations = new HashSet<int>(misfits.Select(m => m.Activation.Index));
        var layers = new HashSet<int>(misfits.Select(m => m.Layer.Index));
        var kind = misfits[0].Function.Kind;
        double? fitting = null;
        foreach (var gain in FittingGain.Of(kind))
        {
            var initializer = gain == 1 ? Initializer.KaimingNormal(1) : Initializer.XavierNormal(gain);
            if (calls.Count == 0 || !repairs.Try(Refit, context.Network.WithWeights(n => context.Read.Initializations[n.Index] is { } call && calls.Contains(call) ? initializer : null)))
                continue;
            repairs.Set(Gain, gain.ToString("R", CultureInfo.InvariantCulture));
            fitting = gain;
            break;
        }

        if (IsSigmoid(kind))
            repairs.Try(Relu, context.Network.WithActivations(n => activations.Contains(n.Index) ? Activation.ReLU : null));
        if (kind != ActivationKind.SELU)
            repairs.Try(BatchNorm, context.Network.WithBatchNormAfter(n => layers.Contains(n.Index)));
        return (repairs.ToImmutable(), fitting);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Misfit(LayerPrediction Row, Node Layer, Node Activation, Activation Function);
}
