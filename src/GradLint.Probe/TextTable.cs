using System.Text;

namespace GradLint.Probe;

/// <summary>A table of plain text in columns of fixed width.</summary>
internal static class TextTable
{
    /// <summary>Appends titles, a rule and the rows; a column that is empty in every row is left out, and numbers stand to the right.</summary>
    public static void Append(StringBuilder text, IReadOnlyList<(string Title, bool IsNumber)> columns, IReadOnlyList<string[]> rows)
    {
        int[] shown = [.. Enumerable.Range(0, columns.Count).Where(c => rows.Any(row => row[c].Length > 0))];
        int[] widths = [.. shown.Select(c => Math.Max(rows.Max(row => row[c].Length), columns[c].Title.Length))];
        AppendRow([.. shown.Select(c => columns[c].Title)]);
        AppendRow([.. shown.Zip(widths, (c, width) => columns[c].Title.Length == 0 ? string.Empty : new string('-', width))]);
        foreach (var row in rows)
            AppendRow([.. shown.Select(c => row[c])]);

        void AppendRow(string[] cells) => text.AppendLine(string.Join("  ", cells.Select((cell, i) =>
            columns[shown[i]].IsNumber ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
    }
}
