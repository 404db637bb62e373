using System.Reflection;
using GradLint.SignalPropagation;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// What the generator would write into this assembly. Exponents are python3-torch's for these networks, or wrong on purpose.
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.PredictedSigmoid||layers.0|64x64|-3.83|0.1|-3.07|0.1|0|0.1|GRAD1001|Nets.cs|10|feed|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.PredictedSigmoid||layers.8|10x64|0|0|0|0|0|0.1|GRAD1001|Nets.cs|18|feed|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.PredictedSigmoid||layers.2|64x64||||||||Nets.cs|12|feed|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.PredictedSigmoid||layers.4|64x64||||||||Nets.cs|14|feed|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.PredictedSigmoid||layers.6|64x64||||||||Nets.cs|16|feed|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.FalselyAccused||fc1|64x64|-6.5|0.1|-6.5|0.1|0|0.1|GRAD1001|Nets.cs|30|beef|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.FalselyAccused||fc2|10x64|0|0|0|0|0|0.1|GRAD1001|Nets.cs|31|beef|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.OtherShape||fc1|32x64|-1|0.1|-1|0.1|0|0.1||Nets.cs|40|cafe|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|TorchSharp.Modules.Sequential|GradLint.Probe.Tests.PredictionTests.variable|only|3x7|0|0|0|0|0|0.1||Nets.cs|50|f00d|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.StackedLstm||lstm1||-1.89|0.3|-1.89|0.3|0|0.1|GRAD3004|Nets.cs|60|57ac|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.StackedLstm||lstm2||-1.26|0.3|-1.26|0.3|0|0.1|GRAD3004|Nets.cs|61|57ac|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.StackedLstm||lstm3||-0.63|0.3|-0.63|0.3|0|0.1|GRAD3004|Nets.cs|62|57ac|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.StackedLstm||head|10x64|0|0|0|0|0|0.1|GRAD3004|Nets.cs|63|57ac|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.OneLstm||lstm||-0.63|0.3|-0.63|0.3|0|0.1|GRAD3004|Nets.cs|70|1057|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "1|GradLint.Probe.Tests.OneLstm||head|10x64|0|0|0|0|0|0.1|GRAD3004|Nets.cs|71|1057|")]
[assembly: AssemblyMetadata(EmbeddedPrediction.MetadataKey, "damaged|value")]

namespace GradLint.Probe.Tests;

public class PredictionTests
{
    [TorchFact]
    public void A_prediction_that_holds_confirms_its_warning()
    {
        var report = GradientProbe.Measure(() => new PredictedSigmoid(), Batch(), CrossEntropyLoss());

        var predictions = report.Predictions!;
        Assert.Equal((PredictionSource.Embedded, "feed"), (predictions.Source, predictions.Fingerprint));
        Assert.Equal(["layers.0", "layers.2", "layers.4", "layers.6", "layers.8"], predictions.Layers.Select(l => l.Path));
        Assert.Equal(Confirmation.Confirmed, predictions.Layers[0].Verdict);
        Assert.Equal(Confirmation.Inconclusive, predictions.Layers[1].Verdict);
        Assert.Equal(("GRAD1001", Confirmation.Confirmed), (predictions.Warnings.Single().RuleId, predictions.Warnings.Single().Verdict));
        Assert.Same(report, report.AssertMatchesPrediction());
        string table = report.ToString();
        Assert.Contains("GRAD1001 confirmed: predicted 10^-3.83, measured 10^-3.", table, StringComparison.Ordinal);
        Assert.Contains("at 'layers.0' (Nets.cs:10)", table, StringComparison.Ordinal);
        Assert.EndsWith("prediction confirmed: 2 of 2 layers agree", table, StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_stack_of_recurrent_layers_is_judged_from_its_first_to_its_last()
    {
        // python3-torch: -0.63 decades for each of the LSTM layers of 64 units over 50 steps, of which the last is read (docs/rules/GRAD3004.md).
        using var folder = new TemporaryFolder();
        string log = Path.Combine(folder.Path, "build.sarif");
        File.WriteAllText(log, """{"version":"2.1.0","runs":[{"results":[{"ruleId":"GRAD3004","message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"Nets.cs"},"region":{"startLine":60}}}]}]}]}""");
        manual_seed(99);
        var batch = (randn(50, 16, 64), randint(0, 10, [16]));

        var report = GradientProbe.Measure(() => new StackedLstm(), batch, CrossEntropyLoss(), new ProbeOptions { Seeds = [0, 1], ErrorLog = log });

        var embedded = report.Predictions!.Warnings.Single();
        Assert.Equal(("GRAD3004", "lstm1", Confirmation.Confirmed), (embedded.RuleId, embedded.FirstLayer.Path, embedded.Verdict));
        Assert.Equal(-1.26, embedded.FirstLayer.Predicted!.Value, 1e-9);
        Assert.Equal(report.Layers[0].GradientRatio!.Value.Mean - report.Layers[2].GradientRatio!.Value.Mean, embedded.FirstLayer.Measured!.Value, 1e-9);
        var logged = report.Warnings.Single();
        Assert.Equal((embedded.FirstLayer, embedded.Verdict), (logged.Layer, logged.Verdict));
    }

    [TorchFact]
    public void Of_layers_within_one_recurrent_module_nothing_can_be_said()
    {
        var report = GradientProbe.Measure(() => new OneLstm(), (randn(9, 4, 64), randint(0, 10, [4])), CrossEntropyLoss(), new ProbeOptions { Seeds = [0] });

        Assert.Equal(("GRAD3004", Confirmation.Inconclusive), (report.Predictions!.Warnings.Single().RuleId, report.Predictions.Warnings.Single().Verdict));
        Assert.Contains("GRAD3004 inconclusive: predicted -, measured - at 'lstm'", report.ToString(), StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_prediction_that_does_not_hold_is_refuted()
    {
        var report = GradientProbe.Measure(() => new FalselyAccused(), Batch(), CrossEntropyLoss());

        Assert.Equal(Confirmation.Refuted, report.Predictions!.Warnings.Single().Verdict);
        Assert.Equal(GradientVerdict.Healthy, report.Verdict);
        var failure = Assert.Throws<GradientException>(() => report.AssertMatchesPrediction());
        Assert.Contains("does not hold at 'fc1'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("GRAD1001 REFUTED: predicted 10^-6.50", failure.Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void A_network_without_a_prediction_says_so()
    {
        var report = GradientProbe.Measure(() => Sequential(Linear(64, 10)), Batch(), CrossEntropyLoss(), new ProbeOptions { PredictFromRunningNetwork = false });

        Assert.Null(report.Predictions);
        Assert.Contains("no prediction: GradLint is not among", report.ToString(), StringComparison.Ordinal);
        Assert.Throws<GradientException>(() => report.AssertMatchesPrediction());
    }

    [TorchFact]
    public void A_prediction_for_other_shapes_is_not_used() =>
        Assert.Equal(PredictionSource.Live, GradientProbe.Measure(() => new OtherShape(), Batch(), CrossEntropyLoss()).Predictions!.Source);

    [TorchFact]
    public void A_sequential_in_a_variable_is_known_by_its_layers()
    {
        var report = GradientProbe.Measure(() => Sequential(("only", Linear(7, 3))), (ones(4, 7), zeros(4, ScalarType.Int64)), CrossEntropyLoss());

        Assert.Equal("f00d", report.Predictions!.Fingerprint);
        Assert.Contains("no warning: the compiler read this network", report.ToString(), StringComparison.Ordinal);
    }

    [TorchFact]
    public void Evidence_holds_the_measured_numbers_and_keeps_what_others_measured()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, EvidenceFile.FileName);
        File.WriteAllText(file, EvidenceFile.Write([
            EvidenceRow.Measured("Other.Net", "fc", EvidenceFile.ActivationGradient, -1, "cpu", "1234"),
            EvidenceRow.Measured(typeof(PredictedSigmoid).FullName!, "layers.0", EvidenceFile.ActivationGradient, -7, "cpu", "stale"),
        ]));
        var report = GradientProbe.Measure(() => new PredictedSigmoid(), Batch(), CrossEntropyLoss());

        report.WriteEvidence(folder.Path);

        var rows = EvidenceFile.Parse(File.ReadAllText(file));
        Assert.Equal("Other.Net", rows[0].Type);
        var mine = rows.Where(r => r.Type == typeof(PredictedSigmoid).FullName).ToArray();
        Assert.All(mine, row => Assert.Equal("feed", row.Fingerprint));
        Assert.Equal(report.EndToEnd!.Value.Mean, mine.Single(r => r is { ModulePath: "layers.0", Quantity: EvidenceFile.ActivationGradient }).Number!.Value, 1e-9);
        Assert.Equal(EvidenceFile.Confirmed, mine.Single(r => r.Quantity == EvidenceFile.Verdict("GRAD1001")).Value);
        Assert.Equal([file], Directory.GetFiles(folder.Path));
    }

    [TorchFact]
    public void Evidence_without_a_prediction_is_refused()
    {
        using var folder = new TemporaryFolder();
        var report = GradientProbe.Measure(() => Sequential(Linear(64, 10)), Batch(), CrossEntropyLoss());

        Assert.Throws<InvalidOperationException>(() => report.WriteEvidence(folder.Path));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [TorchFact]
    public void Evidence_keeps_lines_that_only_another_version_can_read()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, EvidenceFile.FileName);
        File.WriteAllText(file, "# by hand\nsome\tfuture\trow\twith\tseven\tof\tthem\n");

        GradientProbe.Measure(() => new PredictedSigmoid(), Batch(), CrossEntropyLoss()).WriteEvidence(folder.Path);

        string[] lines = File.ReadAllLines(file);
        Assert.Equal("# by hand", lines[1]);
        Assert.StartsWith("some\tfuture", lines[2], StringComparison.Ordinal);
        Assert.NotEmpty(EvidenceFile.Parse(File.ReadAllText(file)));
    }

    [TorchTheory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("\uFEFF")]
    [InlineData("GradLint.Probe.Tests.PredictedSigmoid\tlayers.0\tactivation-gra")]
    [InlineData("\0\0\0\u0001 no text at all \uFFFD")]
    public void Evidence_that_is_empty_or_cut_off_is_completed(string before)
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, EvidenceFile.FileName);
        File.WriteAllText(file, before);
        var report = GradientProbe.Measure(() => new PredictedSigmoid(), Batch(), CrossEntropyLoss(), new ProbeOptions { Seeds = [0] });

        report.WriteEvidence(folder.Path);
        string once = File.ReadAllText(file);
        report.WriteEvidence(folder.Path);

        Assert.Equal(once, File.ReadAllText(file));
        var rows = EvidenceFile.Parse(once);
        Assert.Equal(5, rows.Count(r => r.Quantity == EvidenceFile.ActivationGradient));
        Assert.Equal(report.EndToEnd!.Value.Mean, rows.Single(r => r is { ModulePath: "layers.0", Quantity: EvidenceFile.ActivationGradient }).Number!.Value, 1e-9);
    }

    [TorchFact]
    public void Evidence_about_very_many_networks_is_kept()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, EvidenceFile.FileName);
        string[] others = [.. Enumerable.Range(0, 50_000).Select(i => EvidenceFile.Write([EvidenceRow.Measured($"Other.Net{i}", "fc", EvidenceFile.ActivationGradient, -1, "cpu", "1234")]).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])];
        File.WriteAllLines(file, others);

        GradientProbe.Measure(() => new PredictedSigmoid(), Batch(), CrossEntropyLoss(), new ProbeOptions { Seeds = [0] }).WriteEvidence(folder.Path);

        Assert.Equal(others, File.ReadLines(file).Where(line => line.StartsWith("Other.", StringComparison.Ordinal)));
    }

    [TorchFact]
    public void A_place_that_is_read_only_is_said_and_the_report_stands()
    {
        // Nobody can make a file there, not even root.
        if (!Directory.Exists("/proc/sys"))
            return;
        var report = GradientProbe.Measure(() => new PredictedSigmoid(), Batch(), CrossEntropyLoss(), new ProbeOptions { Seeds = [0] });

        var failure = Assert.Throws<IOException>(() => report.WriteEvidence("/proc/sys"));

        Assert.Contains("The evidence could not be written to '/proc/sys/gradlint.evidence.tsv', and what was there before is untouched", failure.Message, StringComparison.Ordinal);
        Assert.Equal(GradientVerdict.Vanishing, report.Verdict);
    }

    [Fact]
    public void A_full_disk_leaves_the_old_evidence_whole()
    {
        if (!File.Exists("/dev/full"))
            return;
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, EvidenceFile.FileName), written = Path.Combine(folder.Path, "written");
        File.WriteAllText(file, "old");
        File.CreateSymbolicLink(written, "/dev/full");

        var failure = Assert.Throws<IOException>(() => Evidence.Write([EvidenceRow.Measured("Net", "fc", EvidenceFile.ActivationGradient, -1, "cpu", "1")], file, written));

        Assert.Contains("could not be written", failure.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFiles(folder.Path));
    }

    [TorchFact]
    public void A_folder_that_is_not_there_is_said()
    {
        var report = GradientProbe.Measure(() => new PredictedSigmoid(), Batch(), CrossEntropyLoss(), new ProbeOptions { Seeds = [0] });

        Assert.Contains("could not be written", Assert.Throws<IOException>(() => report.WriteEvidence(Path.Combine(Path.GetTempPath(), "no", "such", "file"))).Message, StringComparison.Ordinal);
    }

    [TorchFact]
    public void Each_warning_in_the_log_of_the_compiler_gets_its_verdict()
    {
        using var folder = new TemporaryFolder();
        string log = Path.Combine(folder.Path, "build.sarif");
        File.WriteAllText(log, $$"""
            {"version":"2.1.0","runs":[{"results":[{{Result("GRAD1001", "src/Nets.cs", 18)}},{{Result("GRAD3001", "src/Nets.cs", 10)}},{{Result("GRAD6003", "src/Nets.cs", 12)}},{{Result("GRAD1001", "src/Nets.cs", 99)}},{{Result("GRAD1001", "src/Others.cs", 10)}} ] } ] }
            """);

        var report = GradientProbe.Measure(() => new PredictedSigmoid(), Batch(), CrossEntropyLoss(), new ProbeOptions { Seeds = [0, 1], ErrorLog = log });

        Assert.Null(report.ErrorLogProblem);
        Assert.Equal(
            [("GRAD1001", "layers.0", Confirmation.Confirmed), ("GRAD3001", null, Confirmation.Inconclusive), ("GRAD6003", "layers.2", Confirmation.Refuted)],
            report.Warnings.Select(w => (w.Warning.RuleId, w.Layer?.Path, w.Verdict)));
        Assert.Contains("GRAD1001 in the compiler's log, line 18: confirmed, predicted 10^-3.83, measured 10^-3.", report.ToString(), StringComparison.Ordinal);

        static string Result(string rule, string file, int line) =>
            $$"""{"ruleId":"{{rule}}", "message":{"text":"m"}, "locations":[ { "physicalLocation":{ "artifactLocation":{"uri":"{{file}}"}, "region":{"startLine":{{line}} } } } ] }""";
    }

    [TorchFact]
    public void A_log_that_cannot_be_read_does_not_cost_the_measurement()
    {
        var report = GradientProbe.Measure(() => new PredictedSigmoid(), Batch(), CrossEntropyLoss(), new ProbeOptions { Seeds = [0], ErrorLog = "no/such.sarif" });

        Assert.Equal(GradientVerdict.Vanishing, report.Verdict);
        Assert.Contains("The compiler's log 'no/such.sarif' cannot be read", report.ToString(), StringComparison.Ordinal);
    }

    private static (Tensor Input, Tensor Target) Batch()
    {
        manual_seed(99);
        return (randn(64, 64), randint(0, 10, [64]));
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("gradlint").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}

internal sealed class PredictedSigmoid : Module<Tensor, Tensor>
{
    private readonly Sequential layers = Sequential(
        Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 10));

    public PredictedSigmoid() : base(nameof(PredictedSigmoid)) => RegisterComponents();

    public override Tensor forward(Tensor x) => layers.call(x);
}

internal sealed class FalselyAccused : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(64, 64);
    private readonly Linear fc2 = Linear(64, 10);

    public FalselyAccused() : base(nameof(FalselyAccused)) => RegisterComponents();

    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).relu());
}

internal sealed class OtherShape : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(64, 10);

    public OtherShape() : base(nameof(OtherShape)) => RegisterComponents();

    public override Tensor forward(Tensor x) => fc1.call(x);
}

internal sealed class StackedLstm : Module<Tensor, Tensor>
{
    private readonly LSTM lstm1 = LSTM(64, 64);
    private readonly LSTM lstm2 = LSTM(64, 64);
    private readonly LSTM lstm3 = LSTM(64, 64);
    private readonly Linear head = Linear(64, 10);

    public StackedLstm() : base(nameof(StackedLstm)) => RegisterComponents();

    public override Tensor forward(Tensor x) => head.call(lstm3.call(lstm2.call(lstm1.call(x, null).Item1, null).Item1, null).Item1[-1]);
}

internal sealed class OneLstm : Module<Tensor, Tensor>
{
    private readonly LSTM lstm = LSTM(64, 64, numLayers: 3);
    private readonly Linear head = Linear(64, 10);

    public OneLstm() : base(nameof(OneLstm)) => RegisterComponents();

    public override Tensor forward(Tensor x) => head.call(lstm.call(x, null).Item1[-1]);
}
