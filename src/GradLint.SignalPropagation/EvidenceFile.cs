using System.Globalization;
using System.Text;

namespace GradLint.SignalPropagation;

/// <summary>One measured fact about one layer of one network.</summary>
/// <param name="Type">The module's type as <see cref="EmbeddedPrediction.Type"/> spells it.</param>
/// <param name="ModulePath">The layer as <c>named_parameters()</c> spells it; empty for the network as a whole.</param>
/// <param name="Quantity">One of <see cref="EvidenceFile"/>'s names of quantities, or <see cref="EvidenceFile.Verdict"/> of a rule.</param>
/// <param name="Value">A number (see <see cref="Number"/>), or <c>confirmed</c>, <c>refuted</c>, <c>inconclusive</c> for a verdict.</param>
/// <param name="Device">Where it was measured: <c>cpu</c>, <c>cuda:0</c>.</param>
/// <param name="Fingerprint">The fingerprint of the network that was measured.</param>
public sealed record EvidenceRow(string Type, string ModulePath, string Quantity, string Value, string Device, string Fingerprint)
{
    /// <summary>The value as a finite number, or null.</summary>
    public double? Number =>
        double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && !double.IsNaN(number) && !double.IsInfinity(number) ? number : null;

    /// <summary>A row that carries a number.</summary>
    public static EvidenceRow Measured(string type, string modulePath, string quantity, double value, string device, string fingerprint) =>
        new(type, modulePath, quantity, SeparatedText.Number(value), device, fingerprint);
}

/// <summary>
/// <c>gradlint.evidence.tsv</c>: what a probe measured, for the analyzer to show beside what it predicts. Tab-separated,
/// one row a fact, later rows win; columns type, module path, quantity, value, device, fingerprint.
/// </summary>
public static class EvidenceFile
{
    /// <summary>The name under which the analyzer looks for it among the additional files.</summary>
    public const string FileName = "gradlint.evidence.tsv";

    /// <summary>log10 ‖∂L/∂z_l‖ / ‖∂L/∂z_L‖, root mean square, z the output of a weight layer, L the output layer.</summary>
    public const string ActivationGradient = "activation_gradient";

    /// <summary>log10 ‖∂L/∂W_l‖ / ‖∂L/∂W_L‖.</summary>
    public const string WeightGradient = "weight_gradient";

    /// <summary>log10 of the root mean square of a layer's output over that of the network's input.</summary>
    public const string ForwardScale = "forward_scale";

    /// <summary>The value of a verdict row: the measurement agrees with the warning.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>The value of a verdict row: the measurement contradicts the warning.</summary>
    public const string Refuted = "refuted";

    /// <summary>The value of a verdict row: the measurement decides nothing.</summary>
    public const string Inconclusive = "inconclusive";

    private const string HeaderStart = "type\tmodule_path\t";
    private const string Header = HeaderStart + "quantity\tvalue\tdevice\tfingerprint";
    private const int Columns = 6;

    /// <summary>The quantity of a row that says what the measurement makes of a rule's warning: <c>verdict:GRAD1001</c>.</summary>
    public static string Verdict(string ruleId) => "verdict:" + ruleId;

    /// <summary>The whole file, header included, lines ended by a line feed. Tabs and line breaks in names are escaped.</summary>
    public static string Write(IEnumerable<EvidenceRow> rows)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (var row in rows)
            text.Append(SeparatedText.Join('\t', [row.Type, row.ModulePath, row.Quantity, row.Value, row.Device, row.Fingerprint])).Append('\n');
        return text.ToString();
    }

    /// <summary>
    /// Every row that is whole: six columns, a type, a quantity, a value and a fingerprint. Anything else — the header, blank or
    /// truncated lines, comments — is skipped. A byte order mark and any kind of line ending are accepted. Never throws.
    /// </summary>
    public static IReadOnlyList<EvidenceRow> Parse(string? text)
    {
        var rows = new List<EvidenceRow>();
        foreach (var raw in (text ?? "").Split('\n'))
        {
            var line = raw.TrimEnd('\r').TrimStart('\uFEFF');
            if (line.Length == 0 || line[0] == '#' || line.StartsWith(HeaderStart, StringComparison.Ordinal))
                continue;
            var fields = SeparatedText.Split('\t', line);
            if (fields.Count == Columns && fields[0].Length > 0 && fields[2].Length > 0 && fields[3].Length > 0 && fields[5].Length > 0)
                rows.Add(new EvidenceRow(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]));
        }

        return rows;
    }
}
