using GradLint.SignalPropagation;

namespace GradLint.Probe;

/// <summary>What was measured, as rows that the analyzer reads back into its warnings.</summary>
internal static class Evidence
{
    public static void Write(GradientReport report, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (report.Predictions is not { Source: PredictionSource.Embedded } predictions)
            throw new InvalidOperationException($"The compiler made no prediction for {report.ModelType}, so evidence about it could not be matched with its source: {GradientTable.NoPrediction}");
        string file = Directory.Exists(path) ? Path.Combine(path, EvidenceFile.FileName) : path;
        Write([.. Rows(report, predictions)], file, file + "." + Guid.NewGuid().ToString("N") + ".tmp");
    }

    /// <summary>Replaces the rows about one network on one device; every other line stays as it is, also one that only another version can read.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="file">The evidence file, which need not exist.</param>
    /// <param name="written">Is written beside it and moved over it: a full disk or a crash leaves the old evidence whole.</param>
    internal static void Write(IReadOnlyList<EvidenceRow> rows, string file, string written)
    {
        try
        {
            try
            {
                using (var writer = new StreamWriter(written) { NewLine = "\n" })
                {
                    // A single line, so that a file of any size passes through.
                    string[] header = EvidenceFile.Write([]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                    foreach (string line in header.Concat(File.Exists(file) ? File.ReadLines(file).Where(line => IsKept(line, rows)) : []))
                        writer.WriteLine(line);
                    foreach (string line in EvidenceFile.Write(rows).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(header.Length))
                        writer.WriteLine(line);
                }

                File.Move(written, file, overwrite: true);
            }
            finally
            {
                if (Path.Exists(written))
                    File.Delete(written);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The evidence could not be written to '{file}', and what was there before is untouched: {exception.Message}", exception);
        }
    }

    private static bool IsKept(string line, IReadOnlyList<EvidenceRow> rows) =>
        EvidenceFile.Parse(line) switch
        {
            [var row] => !rows.Any(r => r.Type == row.Type && r.Device == row.Device),
            // The header is written anew; a comment or a row of another version is not this one's to drop.
            _ => line.Trim('\uFEFF', '\r', ' ') is { Length: > 0 } text && !EvidenceFile.Write([]).StartsWith(text, StringComparison.Ordinal),
        };

    private static IEnumerable<EvidenceRow> Rows(GradientReport report, PredictionComparison predictions)
    {
        foreach (var layer in report.Layers)
        {
            foreach (var (quantity, value) in new[]
            {
                (EvidenceFile.ActivationGradient, layer.GradientRatio),
                (EvidenceFile.WeightGradient, layer.WeightGradientRatio),
                (EvidenceFile.ForwardScale, layer.ForwardScale),
            })
            {
                if (value is { } decades && double.IsFinite(decades.Mean))
                    yield return EvidenceRow.Measured(predictions.Type, layer.Path, quantity, decades.Mean, report.Device, predictions.Fingerprint);
            }
        }

        foreach (var warning in predictions.Warnings)
            yield return new EvidenceRow(predictions.Type, string.Empty, EvidenceFile.Verdict(warning.RuleId), warning.Verdict.ToString().ToLowerInvariant(), report.Device, predictions.Fingerprint);
    }
}
