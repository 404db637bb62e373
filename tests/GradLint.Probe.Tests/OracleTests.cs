using System.Text.Json;
using static TorchSharp.torch;

namespace GradLint.Probe.Tests;

/// <summary>The probe against PyTorch's autograd on the same weights and data: Oracle/expected.json, written by Oracle/oracle.py.</summary>
public class OracleTests
{
    private const double Relative = 1e-5;

    private static readonly JsonElement s_expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Oracle", "expected.json"))).RootElement.GetProperty("networks");

    public static TheoryData<string> Networks
    {
        get
        {
            var names = new TheoryData<string>();
            foreach (var network in s_expected.EnumerateObject())
                names.Add(network.Name);
            return names;
        }
    }

    [TorchTheory]
    [MemberData(nameof(Networks))]
    public void Norms_agree(string name)
    {
        var expected = s_expected.GetProperty(name);
        var (model, loss) = OracleNetworks.Make(name);
        using var capture = new Capture(model);

        var pass = capture.Take(loss());

        AssertClose(expected.GetProperty("loss").GetDouble(), pass.Loss);
        var layers = pass.Layers.Where(l => l.Layer.HasWeightMatrix).ToArray();
        Assert.Equal(expected.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("path").GetString()), layers.Select(l => l.Layer.Path));
        foreach (var (e, measured) in expected.GetProperty("layers").EnumerateArray().Zip(layers))
        {
            AssertClose(e.GetProperty("outputRms").GetDouble(), measured.OutputRms!.Value);
            AssertClose(e.GetProperty("gradientRms").GetDouble(), measured.GradientRms!.Value);
            AssertClose(e.GetProperty("weightGradientNorm").GetDouble(), measured.WeightGradientNorm!.Value);
        }
    }

    [TorchTheory]
    [MemberData(nameof(Networks))]
    public void Ratios_agree(string name)
    {
        var layers = s_expected.GetProperty(name).GetProperty("layers").EnumerateArray().ToArray();
        var (model, loss) = OracleNetworks.Make(name);

        var report = GradientProbe.Measure(model, loss);

        Assert.Equal(layers[^1].GetProperty("path").GetString(), report.OutputLayer);
        foreach (var (e, measured) in layers.Zip(report.Layers))
        {
            AssertRatio(e, layers[^1], "gradientRms", measured.GradientRatio!.Value.Mean);
            AssertRatio(e, layers[^1], "weightGradientNorm", measured.WeightGradientRatio!.Value.Mean);
            AssertClose(e.GetProperty("outputRms").GetDouble(), Math.Pow(10, measured.ForwardScale!.Value.Mean));
        }
    }

    [TorchTheory]
    [MemberData(nameof(Networks))]
    public void The_total_norm_agrees_with_clip_grad_norm(string name)
    {
        var (model, loss) = OracleNetworks.Make(name);
        loss().backward();

        double total = nn.utils.clip_grad_norm_(model.parameters(), 1e9);

        AssertClose(s_expected.GetProperty(name).GetProperty("totalNorm").GetDouble(), total);
    }

    private static void AssertRatio(JsonElement layer, JsonElement output, string quantity, double measuredDecades) =>
        AssertClose(layer.GetProperty(quantity).GetDouble() / output.GetProperty(quantity).GetDouble(), Math.Pow(10, measuredDecades));

    private static void AssertClose(double expected, double actual) =>
        Assert.True(Math.Abs(actual - expected) <= Relative * Math.Abs(expected), $"{actual:R} is not within {Relative} of {expected:R}");
}
