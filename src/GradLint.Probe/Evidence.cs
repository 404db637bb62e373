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
        var rows = Rows(report, predictions).ToArray();
        var kept = File.Exists(file)
            ? EvidenceFile.Parse(File.ReadAllText(file)).Where(row => row.Type != rows[0].Type || row.Device != report.Device)
            : [];

        // Written beside the file and moved over it: a full disk or a crash leaves the old evidence whole.
        string written = file + "." + Guid.NewGuid().ToString("N") + ".tmp";
        try
        {
            File.WriteAllText(written, EvidenceFile.Write(kept.Concat(rows)));
            File.Move(written, file, overwrite: true);
        }
        finally
        {
            File.Delete(written);
        }
    }

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
