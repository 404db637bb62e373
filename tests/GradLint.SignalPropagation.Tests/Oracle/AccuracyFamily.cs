using System.Globalization;

namespace GradLint.SignalPropagation.Tests.Oracle;

/// <summary>A kind of network whose accuracy is reported, and what its errors may be, in decades. A further family is a line in <see cref="All"/>,
/// a generator in draw.py, words in networks.py and <see cref="SpecNetwork"/>, and what measure.py makes of them.</summary>
/// <param name="Name">Name of its files in grid and measured.</param>
/// <param name="LeastNetworks">How many networks the figures must stand on.</param>
/// <param name="Median">Median of the networks' errors.</param>
/// <param name="P90">Their 90th percentile.</param>
/// <param name="Worst">The largest.</param>
internal sealed record AccuracyFamily(string Name, int LeastNetworks, double Median, double P90, double Worst)
{
    public static IReadOnlyList<AccuracyFamily> All { get; } =
    [
        new("mlp", 400, 0.03, 0.12, 0.5),
        new("cnn", 60, 0.08, 0.25, 0.7),
        new("residual", 40, 0.06, 0.2, 0.6),
        new("normalized", 60, 0.06, 0.2, 0.6),
        new("recurrent", 40, 0.08, 0.25, 0.8),
        new("transformer", 12, 0.1, 0.3, 0.7),
        // Networks of width 16 and 32 scatter by more than such figures from one draw to the next: their band is what counts.
        new("narrow", 40, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity),
    ];

    /// <summary>Its networks and what was measured of each.</summary>
    public IReadOnlyList<MeasuredNetwork> Networks => networks ??= Read();

    private IReadOnlyList<MeasuredNetwork>? networks;

    private MeasuredNetwork[] Read()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Oracle", "measured", Name + ".tsv");
        return File.Exists(path) ? [.. File.ReadLines(path).Skip(1).Select(MeasuredNetwork.Parse)] : [];
    }
}

/// <summary>A cell of a grid with what measure.py found: log10 of the first layer's gradient and weight gradient, relative to the last layer's,
/// of the last layer's scale, and, behind a recurrent layer, of the gradient of a sequence's first step relative to its last.</summary>
internal sealed record MeasuredNetwork(PredictionOptions Options, string Spec, double?[] Means, double?[] Deviations, double?[][] Draws)
{
    public Prediction Predict() => Prediction.Of(SpecNetwork.Parse(Spec), Options);

    public static MeasuredNetwork Parse(string line)
    {
        var c = line.Split('\t');
        var options = new PredictionOptions { BatchSize = int.Parse(c[0], CultureInfo.InvariantCulture), Loss = SpecNetwork.Loss(c[1]) };
        // Mean and deviation of each quantity, then the draws.
        var quantities = Enumerable.Range(0, (c.Length - 5) / 2).ToList();
        return new(options, c[3], [.. quantities.Select(q => Number(c[4 + 2 * q]))], [.. quantities.Select(q => Number(c[5 + 2 * q]))],
            [.. c[^1].Split(';').Select(d => d.Split(',').Select(Number).ToArray())]);
    }

    // A quantity that the family does not have is empty.
    private static double? Number(string text) => text.Length == 0 ? null : double.Parse(text, CultureInfo.InvariantCulture);
}
