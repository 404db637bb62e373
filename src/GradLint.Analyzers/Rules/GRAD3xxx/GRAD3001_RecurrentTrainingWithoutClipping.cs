using System.Collections.Immutable;
using System.Globalization;
using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Analyzers.Rules;

/// <summary>A loop that updates a recurrent model in a compilation where nothing clips gradients.</summary>
internal sealed class GRAD3001_RecurrentTrainingWithoutClipping : TrainingRule
{
    /// <summary>The repair by <c>clip_grad_norm_</c>; the property holds the norm.</summary>
    public const string ClipNorm = nameof(ClipNorm);

    /// <summary>The repair by <c>clip_grad_value_</c>; the property holds the largest value.</summary>
    public const string ClipValue = nameof(ClipValue);

    /// <summary>The property that says how many of the additional locations are updates; recurrent layers follow.</summary>
    public const string StepCount = nameof(StepCount);

    /// <summary>The start of the properties with the expression for the parameters of each update, by its number.</summary>
    public const string Parameters = nameof(Parameters);

    public override DiagnosticDescriptor Descriptor => Descriptors.GRAD3001_RecurrentTrainingWithoutClipping;

    public override string Subject => "step";

    public override void Check(TrainingContext context)
    {
        var reader = context.Reader;
        var loops = reader.RecurrentLoops(context.Body, context.CancellationToken);
        if (loops.Count == 0 || !reader.RunsBackward(context.CancellationToken) || reader.Clips(context.CancellationToken))
            return;
        foreach (var loop in loops)
            Report(context, loop);
    }

    private void Report(TrainingContext context, TrainingLoop loop)
    {
        var norm = Literal(context.Options.ClipNorm);
        var first = loop.Steps[0];
        var layers = loop.Steps.SelectMany(s => s.Layers).Distinct().ToList();
        var properties = ImmutableDictionary.CreateBuilder<string, string?>();
        properties.Add(ClipNorm, norm);
        properties.Add(ClipValue, Literal(context.Options.ClipValue));
        properties.Add(StepCount, loop.Steps.Count.ToString(CultureInfo.InvariantCulture));
        for (var i = 0; i < loop.Steps.Count; i++)
        {
            if (loop.Steps[i].Parameters is { } parameters)
                properties.Add(Parameters + i.ToString(CultureInfo.InvariantCulture), parameters);
        }

        context.Report(Diagnostic.Create(
            Descriptor,
            first.Call.Syntax.GetLocation(),
            loop.Steps.Select(s => s.Call.Syntax.GetLocation()).Concat(layers.Select(l => l.Location).Where(l => l.IsInSource)),
            properties.ToImmutable(),
            What(layers),
            StepText(first),
            Stability(context, layers[0]),
            first.Parameters ?? "parameters",
            norm));
    }

    /// <summary>A literal of type double.</summary>
    private static string Literal(double limit) => limit.ToString(limit == Math.Floor(limit) && limit < 1e15 ? "0.0" : "R", CultureInfo.InvariantCulture);

    /// <summary><c>the LSTM 'encoder.lstm' of 'Seq2Seq'</c>, and how many more there are.</summary>
    private static string What(List<RecurrentLayer> layers)
    {
        var layer = layers[0];
        var text = layer.Path.Length == 0 ? $"the {layer.Kind}" : $"the {layer.Kind} '{layer.Path}' of '{layer.Model.Name}'";
        return layers.Count switch
        {
            1 => text,
            2 => text + " and another recurrent layer",
            _ => FormattableString.Invariant($"{text} and {layers.Count - 1} other recurrent layers"),
        };
    }

    private static string StepText(OptimizerStep step) =>
        step.Call.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: { } receiver } } ? receiver.WithoutTrivia() + ".step()" : "step()";

    // A gradient that changes by less in a hundred steps neither fades nor grows.
    private const double SteadyStep = 0.002;

    /// <summary>
    /// What is true of the layer at birth, by its prediction where it has one. Under the default initialization no recurrent layer explodes:
    /// clipping guards later training (Pascanu et al. 2013, arXiv:1211.5063).
    /// </summary>
    private static string Stability(TrainingContext context, RecurrentLayer layer)
    {
        const string cliffs = "where training makes weight_hh grow, the loss gets cliffs at which one update can throw the weights away";
        if (context.Reader.Time(layer, context.CancellationToken) is { StepFactor: > 0 } time)
        {
            if (time.Horizon is { } horizon)
                return FormattableString.Invariant($"it fades to 10^-3 within about {horizon} time steps; ") + cliffs;
            return time.StepFactor > 1 + SteadyStep
                ? FormattableString.Invariant($"it grows by about {time.StepFactor:0.00} for each step back in time, from birth")
                : "it hardly fades over time, and nothing else bounds it; " + cliffs;
        }

        return context.Reader.Index(context.CancellationToken).ReplacesWeights || RecurrentLayers.OwnerMentions(layer, n => n is "init" or "apply", context.CancellationToken)
            ? "its gradient is a product over the time steps; " + cliffs
            : FormattableString.Invariant($"by default it fades to 10^-3 within {layer.DefaultHorizon} time steps; ") + cliffs;
    }
}
