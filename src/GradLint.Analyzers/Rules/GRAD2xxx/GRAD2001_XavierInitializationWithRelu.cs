using System.Collections.Immutable;
using System.Globalization;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

/// <summary>Xavier initialization with a gain that is too small for the ReLU behind it, in a network deep enough to suffer from it.</summary>
internal sealed class GRAD2001_XavierInitializationWithRelu : NetworkRule
{
    /// <summary>The property, and so the repair, that puts a Kaiming initializer in place of the Xavier one.</summary>
    public const string Kaiming = nameof(Kaiming);

    /// <summary>The repair that gives the Xavier initializer the gain that its activation needs.</summary>
    public const string XavierWithGain = nameof(XavierWithGain);

    /// <summary>The property with the slope below zero of the activation behind each call of the additional locations, separated by spaces.</summary>
    public const string Slopes = nameof(Slopes);

    // Closer than this to the fitting gain is the fitting gain.
    private const double Close = 0.95;

    public override DiagnosticDescriptor Descriptor => Descriptors.GRAD2001_XavierInitializationWithRelu;

    public override void Check(NetworkContext context)
    {
        var layers = WeakLayers(context);
        if (layers.Count == 0 || context.Prediction.EndToEndNormRatio is not { } actual)
            return;
        var slopes = layers.ToDictionary(l => l.Node.Index, l => l.Slope);
        var fitting = context.Predict(context.Network.WithWeights(n => slopes.TryGetValue(n.Index, out var slope) ? Initializer.KaimingNormal(Gain.LeakyReLU(slope)) : null)).EndToEndNormRatio;

        // Only fading counts: where the gradient grows through skip connections or widths, a smaller initialization is no fault.
        if (fitting is not { } kept || kept >= context.Options.ExplodingDecadesInfo || Severity(context.Options, Math.Min(kept, 0) - actual) is not { } severity)
            return;

        var first = context.Prediction.Layers[0];
        var passed = layers.Where(l => l.Node != first.Node).ToList();
        if (passed.Count == 0)
            return;
        var calls = new List<(SyntaxNode Call, double Slope)>();
        foreach (var layer in layers)
        {
            if (context.Read.Initializations[layer.Node.Index] is { } call && !calls.Any(c => c.Call == call))
                calls.Add((call, layer.Slope));
        }

        var needed = GeometricMean(passed.Select(l => Gain.LeakyReLU(l.Slope)));
        var names = layers.Select(l => l.Activation.Name).Distinct().ToList();
        context.Report(
            Descriptor,
            severity,
            calls.Count > 0 ? context.Read.PlaceOf(calls[0].Call) : context.Read.PlaceOf(layers[0].Node.Index),
            calls.Select(c => c.Call.GetLocation()),
            Repairs(context, calls, kept),
            first,
            string.Join(" and ", names),
            context.Prediction.Layers[context.Prediction.Layers.Count - 1].DisplayName,
            first.DisplayName,
            NetworkContext.Exponent(actual - kept),
            FormattableString.Invariant($"{passed.Count} layers with a gain of {GeometricMean(passed.Select(l => l.Gain)):0.00} where {names[0]} needs {needed:0.00}, about {NetworkContext.Factor(Math.Pow(10, (actual - kept) / passed.Count))} each"),
            layers[0].Initializer.Name.EndsWith("uniform_", StringComparison.Ordinal) ? "kaiming_uniform_" : "kaiming_normal_",
            FormattableString.Invariant($"{needed:0.00}"));
    }

    /// <summary>The layers that Xavier initialized, whose only way on leads into ReLU, and whose gain is smaller than that needs. Xavier is the
    /// usual initialization of attention's projections (Vaswani et al. 2017, arXiv:1706.03762): the one behind attention is none of them.</summary>
    private static List<WeakLayer> WeakLayers(NetworkContext context)
    {
        var chain = new HiddenChain(context.Network);
        var found = new List<WeakLayer>();
        foreach (var node in context.Prediction.Layers.Select(l => l.Node).Distinct())
        {
            if (EffectiveGain.WeightOf(node.Operation) is { Scaling: VarianceScaling.FanAverage } initializer
                && EffectiveGain.Of(node.Operation) is { } gain
                && chain.ActivationAfter(node)?.Operation is Operation.Nonlinearity { Function: var activation }
                && EffectiveGain.ReluSlope(activation) is { } slope
                && gain < Close * Gain.LeakyReLU(slope)
                && !chain.IsBehindAttention(node))
                found.Add(new(node, initializer, activation, slope, gain));
        }

        return found;
    }

    private static DiagnosticSeverity? Severity(RuleOptions options, double cost) =>
        cost >= options.InitializationDecades ? DiagnosticSeverity.Warning : cost >= options.InitializationDecadesInfo ? DiagnosticSeverity.Info : null;

    /// <summary>What the fixes may do: what one call initializes changes as a whole, the output layer included if it is among it.</summary>
    private static ImmutableDictionary<string, string?> Repairs(NetworkContext context, List<(SyntaxNode Call, double Slope)> calls, double kept)
    {
        if (!context.OffersRepairs)
            return ImmutableDictionary<string, string?>.Empty;
        var repairs = new HealingRepairs(context);
        repairs.Set(Slopes, string.Join(" ", calls.Select(c => c.Slope.ToString("R", CultureInfo.InvariantCulture))));
        var slopes = calls.ToDictionary(c => c.Call, c => c.Slope);
        Try(Kaiming, slope => Initializer.KaimingNormal(Gain.LeakyReLU(slope)));
        Try(XavierWithGain, slope => Initializer.XavierNormal(Gain.LeakyReLU(slope)));
        return repairs.ToImmutable();

        void Try(string repair, Func<double, Initializer> initializer) => repairs.Try(
            repair,
            context.Network.WithWeights(n => context.Read.Initializations[n.Index] is { } call && slopes.TryGetValue(call, out var slope) ? initializer(slope) : null),
            (_, repaired) => repaired.EndToEndNormRatio is { } norm && Severity(context.Options, Math.Min(kept, 0) - norm) is null);
    }

    private static double GeometricMean(IEnumerable<double> values) => Math.Exp(values.Average(Math.Log));

    private sealed record WeakLayer(Node Node, Initializer Initializer, Activation Activation, double Slope, double Gain);
}
