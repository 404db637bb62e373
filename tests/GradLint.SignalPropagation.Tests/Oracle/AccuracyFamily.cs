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
/// and of the last layer's scale.</summary>
internal sealed record MeasuredNetwork(PredictionOptions Options, string Spec, double?[] Means, double?[] Deviations, double?[][] Draws)
{
    public Prediction Predict() => Prediction.Of(SpecNetwork.Parse(Spec), Options);

    public static MeasuredNetwork Parse(string line)
    {
        var c = line.Split('\t');
        var options = new PredictionOptions { BatchSize = int.Parse(c[0], CultureInfo.InvariantCulture), Loss = SpecNetwork.Loss(c[1]) };
        return new(options, c[3], [Number(c[4]), Number(c[6]), Number(c[8])], [Number(c[5]), Number(c[7]), Number(c[9])],
            [.. c[10].Split(';').Select(d => d.Split(',').Select(Number).ToArray())]);
    }

    // A quantity that the family does not have is empty.
    private static double? Number(string text) => text.Length == 0 ? null : double.Parse(text, CultureInfo.InvariantCulture);
}
