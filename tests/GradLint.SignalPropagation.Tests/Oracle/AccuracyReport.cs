using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GradLint.SignalPropagation.Tests.Oracle;

/// <summary>Predicted against measured, for one family.</summary>
/// <param name="Networks">How many networks were predicted and measured.</param>
/// <param name="Unknown">How many of them the prediction declines; these are in no other figure.</param>
/// <param name="Median">Median of the networks' errors, in decades. The error of a network is the largest, over the measured quantities, of
/// |predicted − mean over draws of log10 measured|.</param>
/// <param name="P90">90th percentile of the errors.</param>
/// <param name="Worst">The largest error.</param>
/// <param name="Inside">Share of single draws' quantities that lie inside their bands.</param>
/// <param name="Band">Median half-width of the bands, in decades.</param>
internal sealed record AccuracyRow(AccuracyFamily Family, int Networks, int Unknown, double Median, double P90, double Worst, double Inside, double Band)
{
    public const string Heading = "| family | networks | unknown | median | 90th percentile | worst | single draws inside the band | band (median half-width) |";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"| {Family.Name} | {Networks} | {Unknown} | {Median:0.000} | {P90:0.00} | {Worst:0.00} | {100 * Inside:0.0} % | {Band:0.00} |");
}

/// <summary>A network with its errors, predicted − measured, and its bands, in the order gradient, weight, scale, time; null where one is not known or
/// not measured.</summary>
internal sealed record AccuracyCell(MeasuredNetwork Measured, double?[] Errors, double?[] Bands)
{
    public bool Known => Measured.Means.Zip(Errors).All(q => q.First is null || q.Second is not null);

    public double Error => Errors.Max(e => Math.Abs(e ?? 0));

    public static AccuracyCell Of(MeasuredNetwork m)
    {
        var p = m.Predict();
        var last = p.Layers.Count > 0 ? p.Layers[^1] : null;
        var time = p.Layers.FirstOrDefault(l => l.Time is not null)?.Time;
        double?[] predicted = [p.EndToEndGradientRatio, p.EndToEndWeightRatio, last?.Scale, time?.Ratio];
        return new(m, [.. predicted.Zip(m.Means, (x, y) => x - y)], [p.GradientBand, p.WeightBand, last?.ScaleBand, time?.Band]);
    }

    /// <summary>For each single draw and quantity, whether it lies inside its band.</summary>
    public IEnumerable<bool> DrawsInside =>
        from draw in Measured.Draws
        from q in Enumerable.Range(0, Errors.Length)
        where draw[q] is not null && Errors[q] is not null
        select Math.Abs(Errors[q]!.Value + Measured.Means[q]!.Value - draw[q]!.Value) <= Bands[q]!.Value;

    public IEnumerable<double> KnownBands => from q in Enumerable.Range(0, Errors.Length) where Errors[q] is not null select Bands[q]!.Value;
}

/// <summary>The accuracy of all families that were measured.</summary>
internal static class AccuracyReport
{
    public static IReadOnlyList<AccuracyRow> Rows { get; } = [.. AccuracyFamily.All.Where(f => f.Networks.Count > 0).Select(RowOf)];

    public static AccuracyRow RowOf(AccuracyFamily family)
    {
        var cells = family.Networks.Select(AccuracyCell.Of).ToList();
        var known = cells.Where(c => c.Known).ToList();
        var errors = known.Select(c => c.Error).Order().ToList();
        var inside = known.SelectMany(c => c.DrawsInside).ToList();
        return new(family, cells.Count, cells.Count - known.Count, Rank(errors, 0.5), Rank(errors, 0.9), errors[^1],
            inside.Count(i => i) / (double)inside.Count, Rank([.. known.SelectMany(c => c.KnownBands).Order()], 0.5));
    }

    /// <summary>The smallest of the sorted numbers that at least this share of them does not exceed.</summary>
    public static double Rank(IReadOnlyList<double> sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Count) - 1];

    public static string Table()
    {
        var text = new StringBuilder().Append(AccuracyRow.Heading).Append("\n|---|---|---|---|---|---|---|---|\n");
        foreach (var row in Rows)
            text.Append(row).Append('\n');
        return text.ToString();
    }

    public static string Json() => JsonSerializer.Serialize(Rows.Select(r => new
    {
        family = r.Family.Name,
        networks = r.Networks,
        unknown = r.Unknown,
        median = Math.Round(r.Median, 4),
        p90 = Math.Round(r.P90, 4),
        worst = Math.Round(r.Worst, 4),
        band_coverage = Math.Round(r.Inside, 4),
        band_half_width = Math.Round(r.Band, 4),
    }), new JsonSerializerOptions { WriteIndented = true }) + "\n";
}
