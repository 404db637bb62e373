using System.Globalization;
using System.Text;

namespace GradLint.Probe;

/// <summary>A report as a plain-text table of fixed width, for a console or the log of a test run.</summary>
internal static class GradientTable
{
    private static readonly string[] s_header = ["layer", "type", "gradient", "spread", "weight gradient", "forward scale", ""];

    public static string Render(GradientReport report)
    {
        var rows = report.Layers.Select(Cells).Prepend(s_header).ToArray();
        int[] widths = [.. Enumerable.Range(0, s_header.Length).Select(column => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.ModelType}, {report.Seeds} {(report.Seeds == 1 ? "seed" : "seeds")}, {report.Device}").AppendLine();
        if (report.OutputLayer is { } output)
            text.Append(CultureInfo.InvariantCulture, $"RMS gradient at each layer's output and norm of its weight's gradient, against the output layer '{output}'").AppendLine();
        text.AppendLine();
        foreach (var row in rows)
        {
            // Words to the left, numbers to the right.
            var cells = row.Select((cell, column) => column is 0 or 1 or 6 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.AppendLine(string.Join("  ", cells).TrimEnd());
            if (ReferenceEquals(row, s_header))
                text.AppendLine(string.Join("  ", widths.Take(s_header.Length - 1).Select(width => new string('-', width))));
        }

        text.AppendLine();
        text.Append(report.Verdict switch
        {
            GradientVerdict.Healthy => "healthy",
            GradientVerdict.Exploding => "EXPLODING",
            GradientVerdict.Vanishing => "VANISHING",
            GradientVerdict.Disconnected => "DISCONNECTED",
            _ => "NOT FINITE",
        });
        if (report.Findings.Count > 0)
            text.Append(": ").AppendJoin(Environment.NewLine + "  ", report.Findings.Select(f => f.Message));
        return text.ToString();
    }

    private static string[] Cells(LayerGradient layer) =>
    [
        layer.Path.Length == 0 ? "(the network itself)" : layer.Path,
        layer.Type,
        Cell(layer.GradientRatio),
        layer.GradientRatio is { } ratio && double.IsFinite(ratio.StandardDeviation) ? "±" + ratio.StandardDeviation.ToString("0.00", CultureInfo.InvariantCulture) : string.Empty,
        Cell(layer.WeightGradientRatio),
        Cell(layer.ForwardScale),
        layer.Status switch
        {
            LayerStatus.Measured => string.Empty,
            LayerStatus.WeightOnly => "output not seen: called with forward(x), which fires no hooks; use call(x)",
            LayerStatus.Frozen => "frozen",
            LayerStatus.NoGradient => "no gradient arrives",
            _ => "not finite",
        },
    ];

    private static string Cell(Decades? value) => value?.ToString() ?? "-";
}
