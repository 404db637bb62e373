using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Analyzers.Evidence;

/// <summary>The rows of every additional file whose name ends in <c>gradlint.evidence.tsv</c>; later rows win.</summary>
internal sealed class EvidenceTable
{
    private readonly Dictionary<(string Type, string Path, string Quantity, string Fingerprint), EvidenceRow> rows = [];

    private EvidenceTable()
    {
    }

    public static EvidenceTable Empty { get; } = new();

    public static EvidenceTable Load(AnalyzerOptions options, CancellationToken cancellationToken)
    {
        var table = new EvidenceTable();
        foreach (var file in options.AdditionalFiles)
        {
            if (!file.Path.EndsWith(EvidenceFile.FileName, StringComparison.OrdinalIgnoreCase))
                continue;
            foreach (var row in EvidenceFile.Parse(file.GetText(cancellationToken)?.ToString()))
                table.rows[(row.Type, row.ModulePath, row.Quantity, row.Fingerprint)] = row;
        }

        return table;
    }

    /// <summary>What was measured on this very network; null for another one.</summary>
    public EvidenceRow? Find(string type, string path, string quantity, string fingerprint) =>
        rows.TryGetValue((type, path, quantity, fingerprint), out var row) ? row : null;

    /// <summary>What a measurement of this very network says about a rule's warning.</summary>
    public string? Verdict(string type, string ruleId, string fingerprint) => Find(type, "", EvidenceFile.Verdict(ruleId), fingerprint)?.Value;
}
