using System.Globalization;
using System.Text;
using GradLint.SignalPropagation.Tests.Oracle;
using Xunit.Abstractions;

namespace GradLint.SignalPropagation.Tests;

public class AccuracyTests(ITestOutputHelper output)
{
    [Fact]
    public void Table()
    {
        var text = new StringBuilder();
        foreach (var family in Measured.All.GroupBy(m => m.Family))
        {
            var errors = new List<double>();
            var inside = 0; var total = 0; var bands = new List<double>();
            foreach (var m in family)
            {
                var p = m.Predict();
                var e = new[]
                {
                    p.EndToEndGradientRatio - m.Gradient[0], p.EndToEndWeightRatio - m.Weight[0], p.Layers[^1].Scale - m.Scale[^1],
                };
                errors.Add(e.Max(x => Math.Abs(x ?? 9)));
                foreach (var s in m.Seeds) { total++; if (Math.Abs(s.Gradient - (p.EndToEndGradientRatio ?? 0)) <= p.GradientBand) inside++; }
                bands.Add(p.GradientBand ?? 9);
                text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{errors[^1],7:0.000} | {e[0],7:0.000} {e[1],7:0.000} {e[2],7:0.000} | {m.Gradient[0],8:0.000} {m.Weight[0],8:0.000} {m.Scale[^1],8:0.000} | band {p.GradientBand:0.00} B{m.Batch} {m.Loss} {m.Spec}  {p.Explain()} {p.UnknownBecause}"));
            }
            errors.Sort(); bands.Sort();
            text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"== {family.Key} n {errors.Count} median {errors[errors.Count / 2]:0.000} p90 {errors[(int)(errors.Count * .9)]:0.000} worst {errors[^1]:0.000} inside {(double)inside / total:0.00} band {bands[bands.Count/2]:0.00}"));
        }
        File.WriteAllText("/tmp/theory_acc.txt", text.ToString());
        output.WriteLine(text.ToString());
    }
}
