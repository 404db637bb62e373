using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using static GradLint.Testing.NetworkSource;
using Verify = GradLint.Testing.CSharpAnalyzerVerifier<GradLint.Analyzers.NetworkAnalyzer>;

namespace GradLint.Analyzers.Tests.Rules;

public class GRAD1001_SaturatingActivationsVanishGradientTests
{
    // Twelve Linear layers 64 wide, eleven sigmoids, ten outputs: measured −9.77 over eight seeds with PyTorch.
    private const string ElevenSigmoids = "11 sigmoid layers, about 0.14 each, then 0.40";

    [Fact]
    public Task A_sequential_in_a_class() => Verify.VerifyAnalyzerAsync(
        Usings + InClass(MarkedStack),
        Verify.Diagnostic("GRAD1001").WithLocation(0).WithArguments("-9.8", "layers.22", "layers.0", ElevenSigmoids, "sigmoid", ""));

    [Fact]
    public Task Members_and_a_straight_forward() => Verify.VerifyAnalyzerAsync(
        Usings + """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), head = Linear(64, 10);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                x = {|#0:torch.sigmoid(fc1.call(x))|};
                x = fc2.call(x).sigmoid();
                using var y = functional.sigmoid(fc3.call(x));
                x = fc4.call(y).sigmoid_();
                return head.call(torch.sigmoid(fc5.call(x)));
            }
        }
        """,
        Verify.Diagnostic("GRAD1001").WithLocation(0).WithMessage(
            "The gradient fades to 10^-4.7 of its size between the output 'head' and 'fc1' (5 sigmoid layers, about 0.14 each, then 0.40); use ReLU with Kaiming initialization, or put BatchNorm before each sigmoid"));

    [Fact]
    public Task A_top_level_program()
    {
        var test = new CSharpAnalyzerTest<NetworkAnalyzer> { OutputKind = OutputKind.ConsoleApplication, TestCode = Usings + $"var model = Sequential({MarkedStack}); Console.WriteLine(model);" };
        test.TestState.ExpectedDiagnostics.Add(Verify.Diagnostic("GRAD1001").WithLocation(0).WithArguments("-9.8", "22", "0", ElevenSigmoids, "sigmoid", ""));
        return test.RunAsync();
    }

    [Theory]
    [InlineData("static class Models { public static Module<Tensor, Tensor> Make() => Sequential(", "); }")]
    [InlineData("static class Models { public static Module<Tensor, Tensor> Make() { return Sequential(", "); } }")]
    [InlineData("static class Models { private static readonly Sequential model = Sequential(", "); public static Sequential Model => model; }")]
    [InlineData("static class Models { public static Sequential Model { get; } = Sequential(", "); }")]
    [InlineData("static class Models { public static Func<Sequential> Factory = () => Sequential(", "); }")]
    [InlineData("class Trainer { public void Run() { var model = torch.nn.Sequential(", ").to(torch.CPU); model.train(); } }")]
    [InlineData("class Trainer { private Sequential? model; public void Run() { model = Sequential(new Module<Tensor, Tensor>[] { ", "}); } }")]
    public Task A_sequential_outside_of_classes(string before, string after) => Verify.VerifyAnalyzerAsync(
        Usings + before + MarkedStack + after,
        Verify.Diagnostic("GRAD1001").WithLocation(0).WithArguments("-9.8", "22", "0", ElevenSigmoids, "sigmoid", ""));

    [Theory]
    [InlineData("Sigmoid()", "sigmoid")]
    [InlineData("Hardsigmoid()", "hardsigmoid")]
    [InlineData("LogSigmoid()", "logsigmoid")]
    [InlineData("Softsign()", "softsign")]
    public async Task Every_saturating_activation(string activation, string name)
    {
        var reported = Assert.Single(await ReportedAsync(InClass(Stack(12, activation))));
        Assert.Contains($"12 {name} layers", reported.GetMessage());
    }

    /// <summary>Four sigmoid layers fade by 3.4 + 0.4 decades, three by 2.9; the whole band must lie beyond the threshold.</summary>
    [Theory]
    [InlineData(5, DiagnosticSeverity.Warning)]
    [InlineData(3, DiagnosticSeverity.Info)]
    public async Task The_number_decides_the_severity(int hidden, DiagnosticSeverity severity) =>
        Assert.Equal(severity, Assert.Single(await ReportedAsync(InClass(Stack(hidden, "Sigmoid()")))).Severity);

    [Theory]
    [InlineData("gradlint.vanishing_decades = 12", DiagnosticSeverity.Info)]
    [InlineData("gradlint.vanishing_decades = minus three", DiagnosticSeverity.Warning)]
    [InlineData("gradlint.vanishing_decades = -3", DiagnosticSeverity.Warning)]
    [InlineData("dotnet_diagnostic.GRAD1001.severity = error", DiagnosticSeverity.Error)]
    public async Task The_thresholds_are_options(string option, DiagnosticSeverity severity) =>
        Assert.Equal(severity, Assert.Single(await ReportedAsync(InClass(Stack(11, "Sigmoid()")), config: option)).Severity);

    [Fact]
    public async Task All_thresholds_raised_silence_it() =>
        Assert.Empty(await ReportedAsync(InClass(Stack(11, "Sigmoid()")), config: "gradlint.vanishing_decades = 30\ngradlint.vanishing_decades_info = 30\ngradlint.saturating_layers = 30"));

    [Fact]
    public async Task Locations_hold_activations_and_layers()
    {
        var reported = Assert.Single(await ReportedAsync(InClass(Stack(11, "Sigmoid()"))));
        Assert.Equal(22, reported.AdditionalLocations.Count);
        Assert.Equal(reported.Location, reported.AdditionalLocations[0]);
        Assert.Equal("11", reported.Properties["ActivationCount"]);
    }

    [Fact]
    public async Task Unknown_widths_still_give_the_factor_per_layer()
    {
        var source = """
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers;
                public Net(int inputs, int width, int outputs) : base("Net")
                {
                    layers = Sequential(Linear(inputs, width), Sigmoid(), Linear(width, width), Sigmoid(), Linear(width, width), Sigmoid(), Linear(width, width), Sigmoid(), Linear(width, outputs));
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """;
        Assert.Contains("4 sigmoid layers, about 0.14 each", Assert.Single(await ReportedAsync(source)).GetMessage());
    }

    /// <summary>What a last layer of zeros lets through is no question of depth.</summary>
    [Fact]
    public async Task Silent_before_a_last_layer_of_zeros() =>
        Assert.Empty(await ReportedAsync(InClass(Stack(11, "Sigmoid()"), "init.zeros_(((Linear)layers[22]).weight);")));

    [Fact]
    public async Task Live_in_an_editor_for_partial_classes()
    {
        var test = new CSharpAnalyzerTest<NetworkAnalyzer>();
        test.TestState.Sources.Add(("/0/Net.Layers.cs", Usings + """
            partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), head = Linear(64, 10);
                public Net() : base("Net") => RegisterComponents();
            }
            """));
        test.TestState.Sources.Add(("/0/Net.Forward.cs", Usings + """
            partial class Net
            {
                public override Tensor forward(Tensor x)
                {
                    foreach (var layer in new[] { fc1, fc2, fc3, fc4 })
                        x = torch.sigmoid(layer.call(x));
                    return head.call(x);
                }
            }
            """));
        var reported = Assert.Single(await test.LiveDiagnosticsAsync("/0/Net.Forward.cs"));
        Assert.Equal("GRAD1001", reported.Id);
        Assert.Equal("/0/Net.Forward.cs", reported.Location.SourceTree!.FilePath);
    }

    [Fact]
    public async Task Live_in_an_editor_for_top_level_programs()
    {
        var test = new CSharpAnalyzerTest<NetworkAnalyzer> { OutputKind = OutputKind.ConsoleApplication };
        test.TestState.Sources.Add(("/0/Program.cs", Usings + $"var model = Sequential({Stack(11, "Sigmoid()")});"));
        Assert.Single(await test.LiveDiagnosticsAsync("/0/Program.cs"));
    }

    [Fact]
    public async Task A_block_in_another_file_is_reported_at_the_network_that_stacks_it()
    {
        var test = new CSharpAnalyzerTest<NetworkAnalyzer>();
        test.TestState.Sources.Add(("/0/Block.cs", Usings + """
            class Block : Module<Tensor, Tensor>
            {
                private readonly Linear fc = Linear(64, 64);
                public Block() : base("Block") => RegisterComponents();
                public override Tensor forward(Tensor x) => torch.sigmoid(fc.call(x));
            }
            """));
        test.TestState.Sources.Add(("/0/Net.cs", Usings + """
            class {|#0:Net|} : Module<Tensor, Tensor>
            {
                private readonly Block a = new Block(), b = new Block(), c = new Block(), d = new Block(), e = new Block();
                private readonly Linear head = Linear(64, 10);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x) => head.call(e.call(d.call(c.call(b.call(a.call(x))))));
            }
            """));
        test.TestState.ExpectedDiagnostics.Add(Verify.Diagnostic("GRAD1001").WithLocation(0).WithArguments("-4.7", "head", "a.fc", "5 sigmoid layers, about 0.14 each, then 0.40", "sigmoid", ""));
        await test.RunAsync();
    }

    /// <summary>What must stay silent; where a number is given it was measured with PyTorch.</summary>
    [Theory]
    [InlineData("a head that saturates", "Linear(64, 64), ReLU(), Linear(64, 1), Sigmoid()")]
    [InlineData("a tanh head of a generator", "Linear(64, 64), ReLU(), Linear(64, 64), Tanh()")]
    [InlineData("a softmax head", "Linear(64, 64), ReLU(), Linear(64, 10), Softmax(1)")]
    [InlineData("one sigmoid", "Linear(64, 64), Sigmoid(), Linear(64, 10)")]
    [InlineData("one tanh", "Linear(64, 64), Tanh(), Linear(64, 10)")]
    [InlineData("two sigmoids", "Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 10)")]
    [InlineData("six tanh with the default initialization", "Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 10)")]
    [InlineData("sigmoid behind BatchNorm", "Linear(64, 64), BatchNorm1d(64), Sigmoid(), Linear(64, 64), BatchNorm1d(64), Sigmoid(), Linear(64, 64), BatchNorm1d(64), Sigmoid(), Linear(64, 64), BatchNorm1d(64), Sigmoid(), Linear(64, 64), BatchNorm1d(64), Sigmoid(), Linear(64, 64), BatchNorm1d(64), Sigmoid(), Linear(64, 10)")]
    [InlineData("LayerNorm behind sigmoid", "Linear(64, 64), Sigmoid(), LayerNorm(64), Linear(64, 64), Sigmoid(), LayerNorm(64), Linear(64, 64), Sigmoid(), LayerNorm(64), Linear(64, 64), Sigmoid(), LayerNorm(64), Linear(64, 64), Sigmoid(), LayerNorm(64), Linear(64, 10)")]
    [InlineData("ReLU is another rule's business", "Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 10)")]
    [InlineData("an unreadable module between", "Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), new Elsewhere(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 10)")]
    public async Task Silent(string what, string layers) =>
        Assert.True((await ReportedAsync(InClass(layers) + Elsewhere)).Length == 0, what);

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(24)]
    public async Task Tanh_with_xavier_is_silent_at_any_usual_depth(int depth)
    {
        var source = $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential({{Stack(depth, "Tanh()")}});
                public Net() : base("Net")
                {
                    RegisterComponents();
                    foreach (var (name, parameter) in named_parameters())
                        if (name.EndsWith("weight")) init.xavier_uniform_(parameter);
                }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """;
        Assert.Empty(await ReportedAsync(source));
    }

    [Theory]
    [InlineData("gates", "x = fc1.call(x) * torch.sigmoid(fc2.call(x)); x = fc3.call(x) * torch.sigmoid(fc4.call(x)); x = fc5.call(x) * torch.sigmoid(fc6.call(x)); return head.call(x);")]
    [InlineData("squeeze and excite", "x = x * torch.sigmoid(fc2.call(functional.relu(fc1.call(x)))); x = x * torch.sigmoid(fc4.call(functional.relu(fc3.call(x)))); x = x * torch.sigmoid(fc6.call(functional.relu(fc5.call(x)))); return head.call(x);")]
    [InlineData("residual branches with tanh", "x = x + torch.tanh(fc1.call(x)); x = x + torch.tanh(fc2.call(x)); x = x + torch.tanh(fc3.call(x)); x = x + torch.tanh(fc4.call(x)); x = x + torch.tanh(fc5.call(x)); x = x + torch.tanh(fc6.call(x)); return head.call(x);")]
    [InlineData("a hand-written LSTM step", "var i = torch.sigmoid(fc1.call(x)); var f = torch.sigmoid(fc2.call(x)); var g = torch.tanh(fc3.call(x)); var o = torch.sigmoid(fc4.call(x)); var c = f * x + i * g; var h = o * torch.tanh(c); return head.call(fc5.call(h) * torch.sigmoid(fc6.call(h)));")]
    [InlineData("GELU by its tanh approximation", "x = fc1.call(x); x = x * (torch.tanh(x * 0.7978845608)); x = fc2.call(x); x = x * (torch.tanh(x * 0.7978845608)); x = fc3.call(x); x = x * (torch.tanh(x * 0.7978845608)); return head.call(x);")]
    [InlineData("additive attention", "var scores = fc3.call(torch.tanh(fc1.call(x) + fc2.call(x))); return head.call(functional.softmax(scores, 1) * x);")]
    [InlineData("GLU", "x = functional.glu(fc1.call(x)); x = functional.glu(fc2.call(x)); x = functional.glu(fc3.call(x)); return head.call(x);")]
    public async Task Silent_in_forward(string what, string forward)
    {
        var source = $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), fc6 = Linear(64, 64), head = Linear(64, 10);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x) { {{forward}} }
            }
            """;
        Assert.True((await ReportedAsync(source)).Length == 0, what);
    }

    [Fact]
    public async Task Silent_where_the_weights_may_be_written_elsewhere()
    {
        var source = $"class Trainer {{ public void Run(Action<Module> initialize) {{ var model = Sequential({Stack(11, "Sigmoid()")}); model.apply(initialize); }} }}";
        Assert.Empty(await ReportedAsync(source));
    }

    [Fact]
    public Task Silent_in_generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\n#nullable enable\n" + Usings + InClass(Stack(11, "Sigmoid()")));

    [Fact]
    public async Task Silent_without_TorchSharp()
    {
        var test = new CSharpAnalyzerTest<NetworkAnalyzer>
        {
            ReferenceAssemblies = ReferenceAssemblies.Framework,
            TestCode = """
                class Module<T, R> { public virtual R? forward(T x) => default; }
                class Net : Module<int, int> { public override int forward(int x) => x; }
                """,
        };
        await test.RunAsync();
    }

    [Fact]
    public async Task Measured_evidence_is_shown_with_its_device()
    {
        var fingerprint = Fingerprint(Stack(11, "Sigmoid()"));
        var reported = Assert.Single(await ReportedAsync(
            InClass(Stack(11, "Sigmoid()")),
            evidence: EvidenceFile.Write([EvidenceRow.Measured("Net", "layers.0", EvidenceFile.ActivationGradient, -9.83, "cuda:0", fingerprint)])));
        Assert.EndsWith("; measured 10^-9.8 on cuda:0", reported.GetMessage());
        Assert.Equal(DiagnosticSeverity.Warning, reported.Severity);
    }

    [Fact]
    public async Task A_refuted_warning_is_a_remark_unless_the_user_set_a_severity()
    {
        var layers = Stack(11, "Sigmoid()");
        var evidence = EvidenceFile.Write([new("Net", "", EvidenceFile.Verdict("GRAD1001"), EvidenceFile.Refuted, "cpu", Fingerprint(layers))]);
        Assert.Equal(DiagnosticSeverity.Info, Assert.Single(await ReportedAsync(InClass(layers), evidence: evidence)).Severity);
        Assert.Equal(DiagnosticSeverity.Error, Assert.Single(await ReportedAsync(InClass(layers), evidence: evidence, config: "dotnet_diagnostic.GRAD1001.severity = error")).Severity);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Net\tlayers.0\tactivation_gradient\t-1.0\tcpu\t0000000000000000\nNet\t\tverdict:GRAD1001\trefuted\tcpu\t0000000000000000\n")]
    [InlineData("Net\tlayers.0\tactivation_gradient\tnot a number\tcpu\t{0}\n")]
    [InlineData("Net\tlayers.0\tactivation_gradient\t-1.0")]
    [InlineData("Other\tlayers.0\tactivation_gradient\t-1.0\tcpu\t{0}\n")]
    [InlineData("Net\t\tverdict:GRAD1001\tperhaps\tcpu\t{0}\n")]
    public async Task Evidence_of_something_else_is_ignored(string evidence)
    {
        var layers = Stack(11, "Sigmoid()");
        var reported = Assert.Single(await ReportedAsync(InClass(layers), evidence: evidence.Replace("{0}", Fingerprint(layers))));
        Assert.EndsWith("put BatchNorm before each sigmoid", reported.GetMessage());
        Assert.Equal(DiagnosticSeverity.Warning, reported.Severity);
    }

    [Fact]
    public async Task Evidence_of_a_nested_generic_class_is_found()
    {
        var source = $$"""
            namespace Models { class Outer { public class Net<T> : Module<Tensor, Tensor> {
                private readonly Sequential layers = Sequential({{Stack(11, "Sigmoid()")}});
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x) => layers.call(x);
            } } }
            """;
        var evidence = EvidenceFile.Write([EvidenceRow.Measured("Models.Outer+Net`1", "layers.0", EvidenceFile.ActivationGradient, -9.5, "cpu", Fingerprint(Stack(11, "Sigmoid()")))]);
        Assert.EndsWith("; measured 10^-9.5 on cpu", Assert.Single(await ReportedAsync(source, evidence: evidence)).GetMessage());
    }

    private static string MarkedStack => "Linear(64, 64), {|#0:Sigmoid()|}, " + Stack(10, "Sigmoid()");

    private static string Fingerprint(string layers) => Read.Network(InClass(layers))!.Network.Fingerprint;

    private static async Task<Diagnostic[]> ReportedAsync(string source, string? config = null, string? evidence = null)
    {
        var all = await Findings.AllAsync(source, config, evidence);
        Assert.All(all, d => Assert.True(d.Id is "GRAD1001" or "GRAD4001", d.ToString()));
        return [.. all.Where(d => d.Id == "GRAD1001")];
    }
}
