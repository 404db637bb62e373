using System.Globalization;
using System.Text;

namespace GradLint.Probe;

/// <summary>Two networks measured on the same batch and seeds.</summary>
/// <param name="First">The first network.</param>
/// <param name="Second">The second network.</param>
public sealed record GradientComparison(GradientReport First, GradientReport Second)
{
    /// <summary>
    /// By how many decades more of the gradient reaches the first layer of the second network than of the first; <c>null</c> where one of
    /// the two was not seen.
    /// </summary>
    public double? Gain => Second.EndToEnd?.Mean - First.EndToEnd?.Mean;

    /// <summary>Layer by layer, in the order in which they ran; the longer network goes on alone.</summary>
    public override string ToString()
    {
        var rows = Enumerable.Range(0, Math.Max(First.Layers.Count, Second.Layers.Count))
            .Select(i => (string[])[.. Cells(First, i), .. Cells(Second, i)])
            .Prepend(["layer", "gradient", "forward scale", "layer", "gradient", "forward scale"])
            .Prepend([Name(First), "", "", Name(Second), "", ""])
            .ToArray();
        // The first row's names run over the columns behind them.
        int[] widths = [.. Enumerable.Range(0, 6).Select(column => rows.Skip(1).Max(row => row[column].Length))];
        int half = widths[0] + widths[1] + widths[2] + 4;
        var text = new StringBuilder(rows[0][0].PadRight(half)).Append("  |  ").AppendLine(rows[0][3]);
        foreach (var row in rows.Skip(1))
        {
            string[] cells = [.. row.Select((cell, column) => column % 3 == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))];
            text.AppendLine($"{string.Join("  ", cells[..3]).PadRight(half)}  |  {string.Join("  ", cells[3..])}".TrimEnd());
        }

        text.AppendLine();
        text.Append(CultureInfo.InvariantCulture, $"{First.Verdict} -> {Second.Verdict}");
        if (Gain is { } gain && double.IsFinite(gain))
            text.Append(CultureInfo.InvariantCulture, $"; {Decades.Format(gain)} times the gradient at the first layer");
        return text.ToString();
    }

    private static string Name(GradientReport report) => report.ModelType[(report.ModelType.LastIndexOf('.') + 1)..];

    private static string[] Cells(GradientReport report, int i) =>
        i < report.Layers.Count ? [report.Layers[i].Path, Cell(report.Layers[i].GradientRatio), Cell(report.Layers[i].ForwardScale)] : ["", "", ""];

    private static string Cell(Decades? value) => value?.ToString() ?? "-";
}
