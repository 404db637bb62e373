using System.Globalization;

namespace GradLint.SignalPropagation.Tests.Oracle;

/// <summary>What development.py wrote: means over seeds of log10, one value for each weight layer, and single seeds of the first layer.</summary>
internal sealed record Measured(string Family, int Batch, TrainingLoss Loss, string Spec, double[] Gradient, double[] Weight, double[] Scale,
    (double Gradient, double Weight)[] Seeds)
{
    public static IReadOnlyList<Measured> All { get; } = Read();

    public PredictionOptions Options => new() { BatchSize = Batch, Loss = Loss };

    public Prediction Predict() => Prediction.Of(SpecNetwork.Parse(Spec), Options);

    private static List<Measured> Read()
    {
        var rows = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Oracle", "development.tsv")).Skip(1).Select(l => l.Split('\t'));
        return rows.GroupBy(r => r[0]).Select(g =>
        {
            var first = g.First();
            double[] Column(int i) => [.. g.Select(r => double.Parse(r[i], CultureInfo.InvariantCulture))];
            var seeds = first[12].Split(';').Select(s => s.Split(',')).Select(s =>
                (double.Parse(s[0], CultureInfo.InvariantCulture), double.Parse(s[1], CultureInfo.InvariantCulture)));
            return new Measured(first[1], int.Parse(first[2]), SpecNetwork.Loss(first[3]), first[4], Column(6), Column(8), Column(10), [.. seeds]);
        }).ToList();
    }
}
