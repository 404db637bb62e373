using System.Globalization;
using System.Text.RegularExpressions;

namespace GradLint.EndToEnd;

/// <summary>samples/VanishingMlp in a copy of the checkout, built as its user builds it.</summary>
public sealed class BuiltSample : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public BuiltSample()
    {
        Repository.CopySourcesTo(folder.Root);
        // In the default configuration: it is where 'dotnet format' looks for an analyzer that is a project.
        Build = Run("build", "samples/VanishingMlp").Succeeded().Output;
    }

    /// <summary>What the compiler printed.</summary>
    public string Build { get; }

    public string PathOf(string relative) => folder.PathOf(relative);

    public void Dispose() => folder.Dispose();

    internal CommandResult Run(params string[] arguments) => DotNet.Run(folder.Root, new Dictionary<string, string?>(), arguments);
}

/// <summary>The whole loop: a build that warns with a number, a probe that confirms it, a fix that repairs.</summary>
public sealed partial class LoopTests(BuiltSample sample) : IClassFixture<BuiltSample>
{
    private const string OutputLayer = "head";

    [Fact]
    public void The_compiler_warns_about_the_sigmoid_network_with_a_number_and_a_line_and_about_nothing_else()
    {
        var warnings = Warning().Matches(sample.Build).Select(w => (File: w.Groups["file"].Value, Text: w.Groups["text"].Value)).Distinct().ToArray();

        var (file, text) = Assert.Single(warnings);
        Assert.Equal("SigmoidMlp.cs", file);
        Assert.StartsWith($"The gradient fades to 10^-9.8 of its size between the output '{OutputLayer}' and 'fc1' (11 sigmoid layers, about 0.14 each, then 0.40); use ReLU", text, StringComparison.Ordinal);
        AssertEveryAnalyzerLoaded(sample.Build);
    }

    [TorchFact]
    public void The_probe_measures_what_the_compiler_predicted()
    {
        string[] reports = RunSample("VanishingMlp").Split("\n\nVanishingMlp.ReluMlp", 2);
        var (sigmoid, relu) = (Rows(reports[0]), Rows(reports[1]));

        Assert.Equal(12, sigmoid.Length);
        // python3-torch, eight seeds, batch 64: -9.77.
        Assert.InRange(sigmoid[0].Measured, -10.07, -9.47);
        Assert.All(sigmoid.Concat(relu), row => Assert.InRange(row.Measured - row.Predicted, -0.3, 0.3));
        Assert.Contains("GRAD1001 confirmed: predicted 10^-9.", reports[0], StringComparison.Ordinal);
        Assert.Contains("prediction confirmed: 12 of 12 layers agree", reports[0], StringComparison.Ordinal);
        Assert.Equal(12, relu.Length);
        Assert.Contains("\nhealthy\nno warning: ", reports[1], StringComparison.Ordinal);
        Assert.Contains("prediction confirmed: 12 of 12 layers agree", reports[1], StringComparison.Ordinal);
    }

    [TorchFact]
    public void Dotnet_format_repairs_the_sample_and_the_probe_finds_it_healthy()
    {
        CopySampleTo("Repaired");
        sample.Run("restore", "samples/Repaired/VanishingMlp.csproj").Succeeded();

        var format = sample.Run("format", "analyzers", "samples/Repaired/VanishingMlp.csproj", "--diagnostics", "GRAD1001", "--no-restore").Succeeded();

        AssertEveryAnalyzerLoaded(format.Output);
        string build = sample.Run("build", "samples/Repaired/VanishingMlp.csproj").Succeeded().Output;
        Assert.Contains("0 Warning(s)", build, StringComparison.Ordinal);
        string report = RunSample("Repaired").Split("\n\nVanishingMlp.ReluMlp", 2)[0];
        Assert.Contains("\nhealthy\nno warning: ", report, StringComparison.Ordinal);
        Assert.Contains("prediction confirmed: 12 of 12 layers agree", report, StringComparison.Ordinal);
    }

    [TorchFact]
    public void What_the_probe_measured_returns_to_the_warning()
    {
        CopySampleTo("Measured");
        File.WriteAllText(sample.PathOf("samples/Measured/Program.cs"), """
            using GradLint.Probe;
            using VanishingMlp;
            using static TorchSharp.torch;
            using static TorchSharp.torch.nn;

            GradientProbe.Measure(() => new SigmoidMlp(), (randn(64, 64), randint(0, 10, [64])), CrossEntropyLoss()).WriteEvidence("samples/Measured");
            """);
        RunSample("Measured");

        string build = sample.Run("build", "samples/Measured/VanishingMlp.csproj").Succeeded().Output;
        Assert.Matches(@"or put BatchNorm before each sigmoid; measured 10\^-9\.[78] on cpu", build);

        // Another network: the evidence is about one that is no more.
        string source = sample.PathOf("samples/Measured/SigmoidMlp.cs");
        File.WriteAllText(source, File.ReadAllText(source).Replace("head = Linear(64, 10)", "head = Linear(64, 5)", StringComparison.Ordinal));
        build = sample.Run("build", "samples/Measured/VanishingMlp.csproj").Succeeded().Output;
        Assert.Contains("or put BatchNorm before each sigmoid (", build, StringComparison.Ordinal);
        Assert.DoesNotContain("; measured", build, StringComparison.Ordinal);
    }

    private void CopySampleTo(string folder)
    {
        Directory.CreateDirectory(sample.PathOf($"samples/{folder}"));
        foreach (string file in Directory.GetFiles(sample.PathOf("samples/VanishingMlp")))
            File.Copy(file, sample.PathOf($"samples/{folder}/{Path.GetFileName(file)}"));
    }

    private static void AssertEveryAnalyzerLoaded(string output)
    {
        // CS8032: an analyzer cannot be created; CS8034: its assembly cannot be loaded; AD0001: it threw.
        Assert.DoesNotMatch("CS8032|CS8034|AD0001|CS8785", output);
    }

    private string RunSample(string folder) =>
        sample.Run("run", "--project", $"samples/{folder}/VanishingMlp.csproj").Succeeded().Output.ReplaceLineEndings("\n");

    private static (string Layer, double Measured, double Predicted)[] Rows(string report) =>
        [.. Row().Matches(report).Select(m => (m.Groups["layer"].Value, Number(m.Groups["measured"]), Number(m.Groups["predicted"])))];

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<file>\w+\.cs)\(\d+,\d+\): warning GRAD1001: (?<text>.*?) \[")]
    private static partial Regex Warning();

    [GeneratedRegex(@"^(?<layer>\w+) +Linear \d+ -> \d+ +10\^(?<measured>[-\d.]+) +±[\d.]+ +10\^(?<predicted>[-\d.]+) ", RegexOptions.Multiline)]
    private static partial Regex Row();
}
