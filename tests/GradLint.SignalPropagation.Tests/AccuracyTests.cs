using System.Globalization;
using GradLint.SignalPropagation.Tests.Oracle;
using Xunit.Abstractions;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Predictions against what PyTorch's autograd measured: the reported families, whose grids were drawn before anything was measured, and
/// the development grid, layer by layer.</summary>
public class AccuracyTests(ITestOutputHelper output)
{
    public static TheoryData<string> Families => [.. AccuracyFamily.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Families))]
    public void FamilyIsPredictedWithin(string name)
    {
        var family = AccuracyFamily.All.Single(f => f.Name == name);
        var row = AccuracyReport.RowOf(family);
        output.WriteLine(row.ToString());
        Assert.InRange(row.Networks - row.Unknown, family.LeastNetworks, int.MaxValue);
        Assert.InRange(row.Median, 0, family.Median);
        Assert.InRange(row.P90, 0, family.P90);
        Assert.InRange(row.Worst, 0, family.Worst);
        // Honest and sharp: most single draws lie inside the band, and it is not so wide that all do for nothing.
        Assert.InRange(Math.Round(row.Inside, 2), 0.9, 0.99);
        Assert.InRange(row.Band, 0, 0.3);
    }

    [Fact]
    public void WhatIsMeasuredIsTheGrid()
    {
        foreach (var family in AccuracyFamily.All)
        {
            string[] Cells(string folder) =>
                [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Oracle", folder, family.Name + ".tsv")).Skip(1)
                    .Select(l => string.Join('\t', l.Split('\t').Take(4)))];
            Assert.Equal(Cells("grid"), Cells("measured"));
        }
    }

    [Fact]
    public void TheDocumentedTableIsTheMeasuredOne()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "docs", "theory.md")))
            folder = folder.Parent;
        Assert.NotNull(folder);
        var text = File.ReadAllLines(Path.Combine(folder.FullName, "docs", "theory.md"));
        Assert.All(AccuracyReport.Rows, row => Assert.Contains(row.ToString(), text));
    }

    /// <summary>For <c>./build.sh accuracy</c>, which names the folder.</summary>
    [Fact]
    public void WritesTheReport()
    {
        var table = AccuracyReport.Table();
        output.WriteLine(table);
        if (Environment.GetEnvironmentVariable("GRADLINT_ACCURACY") is not { Length: > 0 } folder)
            return;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "accuracy.json"), AccuracyReport.Json());
        File.WriteAllText(Path.Combine(folder, "accuracy.md"), table);
    }

    [Fact]
    public void InnerLayersArePredictedToo()
    {
        var errors = new List<double>();
        foreach (var m in Measured.All.Where(m => m.Family is "mlp" or "batchnorm" or "layernorm" or "residual"))
        {
            var layers = m.Predict().Layers;
            Assert.Equal(m.Gradient.Length, layers.Count);
            for (var i = 0; i < layers.Count; i++)
            {
                if (layers[i].GradientRatio is { } gradient && layers[i].WeightRatio is { } weight && layers[i].Scale is { } scale)
                    errors.Add(new[] { gradient - m.Gradient[i], weight - m.Weight[i], scale - m.Scale[i] }.Max(Math.Abs));
            }
        }

        errors.Sort();
        var (median, p90) = (AccuracyReport.Rank(errors, 0.5), AccuracyReport.Rank(errors, 0.9));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{errors.Count} layers: median {median:0.000}, p90 {p90:0.000}"));
        Assert.InRange(median, 0, 0.035);
        Assert.InRange(p90, 0, 0.15);
    }
}
