using System.Globalization;
using System.Text;

namespace GradLint.Probe;

/// <summary>A report as a plain-text table of fixed width, for a console or the log of a test run.</summary>
internal static class GradientTable
{
    /// <summary>Why there may be no prediction for a network.</summary>
    public const string NoPrediction = "GradLint is not among the analyzers of its assembly, could not read it, or GradLintEmbedPredictions is false.";

    private const string Yes = "confirmed";

    private static readonly Column[] s_columns =
    [
        new("layer", IsNumber: false, (layer, _) => layer.Path.Length == 0 ? "(the network itself)" : layer.Path),
        new("type", IsNumber: false, (layer, _) => layer.Type),
        new("gradient", IsNumber: true, (layer, _) => Cell(layer.GradientRatio)),
        new("spread", IsNumber: true, (layer, _) => layer.GradientRatio is { } ratio && double.IsFinite(ratio.StandardDeviation) ? "±" + ratio.StandardDeviation.ToString("0.00", CultureInfo.InvariantCulture) : string.Empty),
        new("predicted", IsNumber: true, (_, said) => said switch { null => string.Empty, { IsWeightGradient: true } => string.Empty, { Predicted: { } p } => Decades.Format(p), _ => "?" }),
        new("weight gradient", IsNumber: true, (layer, _) => Cell(layer.WeightGradientRatio)),
        new("predicted", IsNumber: true, (_, said) => said is { IsWeightGradient: true, Predicted: { } p } ? Decades.Format(p) : string.Empty),
        new("forward scale", IsNumber: true, (layer, _) => Cell(layer.ForwardScale)),
        new("prediction", IsNumber: false, (_, said) => said is null ? string.Empty : Word(said.Verdict)),
        new("source", IsNumber: false, (_, said) => said is { File.Length: > 0 } ? Place(said) : string.Empty),
        new(string.Empty, IsNumber: false, (layer, _) => Note(layer.Status)),
    ];

    public static string Render(GradientReport report)
    {
        var said = (report.Predictions?.Layers ?? []).ToDictionary(l => l.Path, StringComparer.Ordinal);
        var rows = report.Layers.Select(layer => s_columns.Select(column => column.Cell(layer, said.GetValueOrDefault(layer.Path))).ToArray()).ToArray();

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.ModelType}, {report.Seeds} {(report.Seeds == 1 ? "seed" : "seeds")}, {report.Device}").AppendLine();
        if (report.OutputLayer is { } output)
            text.Append(CultureInfo.InvariantCulture, $"gradient: RMS at the layer's output; weight gradient: Frobenius norm; both against the output layer '{output}'").AppendLine();
        text.AppendLine();
        TextTable.Append(text, [.. s_columns.Select(c => (c.Title, c.IsNumber))], rows);
        text.AppendLine();
        AppendTime(text, report);
        AppendVerdict(text, report);
        AppendLog(text, report);
        AppendPrediction(text, report.Predictions);
        return text.ToString();
    }

    private static void AppendTime(StringBuilder text, GradientReport report)
    {
        foreach (var layer in report.Layers)
        {
            if (layer.NoOverTimeBecause is { } reason)
                text.Append(CultureInfo.InvariantCulture, $"over time: not measured at '{layer.Path}', {reason}").AppendLine();
            if (layer.OverTime is not { } time)
                continue;
            text.Append(CultureInfo.InvariantCulture, $"over time: the gradient at the first of {time.Steps} steps of '{layer.Path}' is {time.Ratio} of that at the last");
            text.Append(time.Horizon is { } horizon ? string.Create(CultureInfo.InvariantCulture, $"; it is gone (10^-3) after {horizon} steps") : "; it does not fall to 10^-3");
            if (time.PredictedHorizon is { } predicted)
                text.Append(CultureInfo.InvariantCulture, $", predicted {predicted}");
            text.AppendLine();
        }
    }

    private static void AppendVerdict(StringBuilder text, GradientReport report)
    {
        text.Append(report.Verdict switch
        {
            GradientVerdict.Healthy => "healthy",
            GradientVerdict.Saturated => "SATURATED",
            GradientVerdict.DeadUnits => "DEAD UNITS",
            GradientVerdict.NotUpdating => "NOT UPDATING",
            GradientVerdict.Exploding => "EXPLODING",
            GradientVerdict.Vanishing => "VANISHING",
            GradientVerdict.Disconnected => "DISCONNECTED",
            _ => "NOT FINITE",
        });
        if (report.Findings.Count > 0)
            text.Append(": ").AppendJoin(Environment.NewLine + "  ", report.Findings.Select(f => f.Message));
        text.AppendLine();
        foreach (var page in report.Findings.Select(f => f.Page).Distinct())
            text.Append("why, and what to do: ").Append(page).AppendLine();
    }

    private static void AppendLog(StringBuilder text, GradientReport report)
    {
        foreach (var (warning, layer, verdict) in report.Warnings)
        {
            text.Append(CultureInfo.InvariantCulture, $"{warning.RuleId} in the compiler's log, line {warning.Lines[0]}: {Word(verdict)}");
            text.AppendLine(layer is null ? ", the probe does not measure this" : string.Create(CultureInfo.InvariantCulture, $", predicted {Number(layer.Predicted)}, measured {Number(layer.Measured)} at '{layer.Path}'"));
        }

        if (report.ErrorLogProblem is { } problem)
            text.AppendLine(problem);
    }

    private static void AppendPrediction(StringBuilder text, PredictionComparison? predictions)
    {
        if (predictions is null)
        {
            text.Append("no prediction: ").Append(NoPrediction);
            return;
        }

        foreach (var warning in predictions.Warnings)
        {
            var first = warning.FirstLayer;
            text.Append(CultureInfo.InvariantCulture, $"{warning.RuleId} {Word(warning.Verdict)}: predicted {Number(first.Predicted)}, measured {Number(first.Measured)} at '{first.Path}' ({Place(first)})").AppendLine();
        }

        int compared = predictions.Layers.Count(l => l.Verdict != Confirmation.Inconclusive);
        int agreeing = predictions.Layers.Count(l => l.Verdict == Confirmation.Confirmed);
        if (predictions.Warnings.Count == 0)
        {
            text.AppendLine(predictions.Source == PredictionSource.Embedded
                ? "no warning: the compiler read this network and predicted that it is healthy"
                : $"predicted from the running network, its weights taken as random draws; the compiler made no prediction: {NoPrediction}");
        }

        text.Append(CultureInfo.InvariantCulture, $"prediction {(compared == 0 ? Word(Confirmation.Inconclusive) : agreeing == compared ? Yes : Word(Confirmation.Refuted))}: {agreeing} of {compared} layers agree");
        if (predictions.UnknownBecause is { } reason)
            text.Append(CultureInfo.InvariantCulture, $" ({predictions.Layers.Count(l => l.Predicted is null)} without a prediction: {reason})");
    }

    private static string Word(Confirmation verdict) => verdict switch
    {
        Confirmation.Confirmed => Yes,
        Confirmation.Refuted => "REFUTED",
        _ => "inconclusive",
    };

    private static string Place(LayerConfirmation layer) =>
        layer.Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{layer.File}:{layer.Line}") : layer.File;

    internal static string Note(LayerStatus status) => status switch
    {
        LayerStatus.Measured => string.Empty,
        LayerStatus.CalledThroughForward => "output not seen: forward(x) fires no hooks; use call(x)",
        LayerStatus.ParametersOnly => "own parameters only",
        LayerStatus.Frozen => "frozen",
        LayerStatus.NoGradient => "no gradient arrives",
        _ => "not finite",
    };

    private static string Cell(Decades? value) => value?.ToString() ?? "-";

    private static string Number(double? decades) => decades is { } d ? Decades.Format(d) : "-";

    private sealed record Column(string Title, bool IsNumber, Func<LayerGradient, LayerConfirmation?, string> Cell);
}
