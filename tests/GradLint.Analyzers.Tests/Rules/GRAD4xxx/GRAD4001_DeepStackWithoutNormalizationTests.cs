using Microsoft.CodeAnalysis;
using static GradLint.Testing.NetworkSource;
using Verify = GradLint.Testing.CSharpAnalyzerVerifier<GradLint.Analyzers.NetworkAnalyzer>;

namespace GradLint.Analyzers.Tests.Rules;

public class GRAD4001_DeepStackWithoutNormalizationTests
{
    // Under the default initialization ReLU passes √(1/3·1/2) = 0.41, twelve times; then √(10/64) = 0.40, the ratio of the widths.
    private const string Relu = "The gradient fades to 10^-5.1 of its size between the output 'layers.24' and 'layers.0', through 13 weight layers without normalization or skip connections "
        + "(12 relu layers, about 0.41 each, then 0.40); put BatchNorm after each hidden layer, or add skip connections";

    [Fact]
    public Task A_sequential_in_a_class() => Verify.VerifyAnalyzerAsync(
        Usings + InClass("{|#0:Linear(64, 64)|}, ReLU(), " + Stack(11, "ReLU()")),
        Verify.Diagnostic("GRAD4001").WithLocation(0).WithMessage(Relu));

    [Theory]
    [InlineData("var modules = new List<Module<Tensor, Tensor>>(); for (var i = 0; i < 12; i++) { modules.Add({|#0:Linear(64, 64)|}); modules.Add(ReLU()); } modules.Add(Linear(64, 10)); layers = Sequential(modules);")]
    [InlineData("layers = Sequential(); for (var i = 0; i < depth; i++) { layers.append({|#0:Linear(64, 64)|}); layers.append(ReLU()); } layers.append(Linear(64, 10));")]
    [InlineData("var modules = new List<(string, Module<Tensor, Tensor>)>(); for (var i = 0; i < depth; i++) { modules.Add((\"a\" + i, {|#0:Linear(64, 64)|})); modules.Add((\"b\" + i, ReLU())); } modules.Add((\"head\", Linear(64, 10))); layers = Sequential(modules);")]
    [InlineData("layers = Sequential(Make().ToArray()); IEnumerable<Module<Tensor, Tensor>> Make() { var modules = new List<Module<Tensor, Tensor>>(); foreach (var i in new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }) { modules.Add({|#0:Linear(64, 64)|}); modules.Add(ReLU()); } modules.Add(Linear(64, 10)); return modules; }")]
    public Task Every_way_to_stack(string constructor) => Verify.VerifyAnalyzerAsync(
        Usings + $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers;
            public Net(int depth = 12) : base("Net") { {{constructor}} RegisterComponents(); }
            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """,
        Verify.Diagnostic("GRAD4001").WithLocation(0));

    [Fact]
    public async Task A_module_list_and_a_loop_in_forward()
    {
        var reported = Assert.Single(await ReportedAsync("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly ModuleList<Linear> hidden = ModuleList<Linear>();
                private readonly Linear head = Linear(64, 10);
                public Net(int depth = 12) : base("Net")
                {
                    for (var i = 0; i < depth; i++)
                        hidden.Add(Linear(64, 64));
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x)
                {
                    foreach (var layer in hidden)
                        x = functional.relu(layer.call(x));
                    return head.call(x);
                }
            }
            """));
        Assert.Contains("between the output 'head' and 'hidden.0'", reported.GetMessage());
    }

    [Fact]
    public async Task Members_and_a_straight_forward()
    {
        var reported = Assert.Single(await ReportedAsync($$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear {{string.Join(", ", Enumerable.Range(1, 12).Select(i => $"fc{i} = Linear(64, 64)"))}}, head = Linear(64, 10);
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x)
                {
                    {{string.Join(" ", Enumerable.Range(1, 12).Select(i => i % 3 == 0 ? $"x = fc{i}.call(x).relu_();" : i % 3 == 1 ? $"x = functional.relu(fc{i}.forward(x));" : $"x = nn.functional.relu(fc{i}.call(x), inplace: true);"))}}
                    return head.call(x);
                }
            }
            """));
        Assert.Equal(DiagnosticSeverity.Warning, reported.Severity);
        Assert.Contains("10^-5.1", reported.GetMessage());
    }

    [Fact]
    public Task A_top_level_program()
    {
        var test = new CSharpAnalyzerTest<NetworkAnalyzer> { OutputKind = OutputKind.ConsoleApplication, TestCode = Usings + "var model = Sequential({|#0:Linear(64, 64)|}, ReLU(), " + Stack(11, "ReLU()") + "); Console.WriteLine(model);" };
        test.TestState.ExpectedDiagnostics.Add(Verify.Diagnostic("GRAD4001").WithLocation(0).WithMessage(Relu.Replace("layers.", "")));
        return test.RunAsync();
    }

    /// <summary>VGG-16 without BatchNorm: measured −6.4 under the default initialization. AlexNet, −2.5, is a remark.</summary>
    [Fact]
    public async Task Vgg_16_without_batch_norm()
    {
        int[][] stages = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];
        var channels = 3;
        var layers = "";
        foreach (var stage in stages)
        {
            foreach (var width in stage)
            {
                layers += $"Conv2d({channels}, {width}, 3, padding: 1), ReLU(), ";
                channels = width;
            }

            layers += "MaxPool2d(2), ";
        }

        var reported = Assert.Single(await ReportedAsync(InClass(layers + "Flatten(), Linear(512 * 7 * 7, 4096), ReLU(), Dropout(), Linear(4096, 4096), ReLU(), Dropout(), Linear(4096, 1000)")));
        Assert.Equal(DiagnosticSeverity.Warning, reported.Severity);
        Assert.Contains("through 16 weight layers", reported.GetMessage());
    }

    [Theory]
    [InlineData("GELU()")]
    [InlineData("SiLU()")]
    [InlineData("LeakyReLU(0.01)")]
    [InlineData("ELU()")]
    public async Task Every_activation_that_fades(string activation) =>
        Assert.Equal(DiagnosticSeverity.Warning, Assert.Single(await ReportedAsync(InClass(Stack(20, activation)))).Severity);

    [Fact]
    public async Task An_initialization_that_explodes()
    {
        var reported = Assert.Single(await ReportedAsync(InClass(Stack(12, "ReLU()"), "foreach (var m in layers.modules()) if (m is Linear l) init.normal_(l.weight, 0, 1);")));
        Assert.Equal(DiagnosticSeverity.Warning, reported.Severity);
        Assert.Contains("gradient grows to 10^", reported.GetMessage());
    }

    [Theory]
    [InlineData(7, null)]
    [InlineData(20, DiagnosticSeverity.Warning)]
    public async Task The_number_of_layers_and_the_prediction_decide(int weightLayers, DiagnosticSeverity? severity) =>
        Assert.Equal(severity, (await ReportedAsync(InClass(Stack(weightLayers - 1, "ReLU()")))).SingleOrDefault()?.Severity);

    [Theory]
    [InlineData("gradlint.deep_layers = 14", null)]
    [InlineData("gradlint.vanishing_decades = 20", DiagnosticSeverity.Info)]
    [InlineData("gradlint.deep_layers = many", DiagnosticSeverity.Warning)]
    [InlineData("dotnet_diagnostic.GRAD4001.severity = error", DiagnosticSeverity.Error)]
    public async Task The_thresholds_are_options(string option, DiagnosticSeverity? severity) =>
        Assert.Equal(severity, (await ReportedAsync(InClass(Stack(12, "ReLU()")), option)).SingleOrDefault()?.Severity);

    [Theory]
    [InlineData("GRAD1001", "Sigmoid()", "")]
    [InlineData("GRAD2001", "ReLU()", "foreach (var m in layers.modules()) if (m is Linear l) init.xavier_uniform_(l.weight);")]
    [InlineData("GRAD2002", "Sigmoid()", "foreach (var m in layers.modules()) if (m is Linear l) init.kaiming_uniform_(l.weight);")]
    [InlineData("GRAD2002", "Hardsigmoid()", "apply(m => { if (m is Linear l) init.kaiming_normal_(l.weight); });")]
    [InlineData("GRAD1001", "Sigmoid()", "foreach (var m in layers.modules()) if (m is Linear l) init.xavier_uniform_(l.weight);")]
    [InlineData("GRAD4001", "SiLU()", "")]
    public async Task The_most_specific_speaks(string id, string activation, string initialization) =>
        Assert.Equal(id, Assert.Single(await Findings.AllAsync(InClass(Stack(24, activation), initialization))).Id);

    [Theory]
    [InlineData("Kaiming in 24 layers is healthy", 24, "ReLU()", "foreach (var m in layers.modules()) if (m is Linear l) init.kaiming_normal_(l.weight);")]
    [InlineData("tanh with Xavier", 24, "Tanh()", "foreach (var m in layers.modules()) if (m is Linear l) init.xavier_normal_(l.weight);")]
    [InlineData("GELU with Kaiming", 12, "GELU()", "foreach (var m in layers.modules()) if (m is Linear l) init.kaiming_uniform_(l.weight);")]
    [InlineData("SELU with 1/fan_in", 24, "SELU()", "foreach (var m in layers.modules()) if (m is Linear l) init.kaiming_normal_(l.weight, nonlinearity: init.NonlinearityType.Linear);")]
    [InlineData("six tanh", 6, "Tanh()", "")]
    [InlineData("BatchNorm", 16, "BatchNorm1d(64), ReLU()", "")]
    [InlineData("LayerNorm behind the activation", 16, "ReLU(), LayerNorm(64)", "")]
    [InlineData("one normalization is enough to keep silent: it divides the scale out in front of it", 12, "ReLU(), new Sometimes()", "")]
    [InlineData("an unreadable module", 16, "ReLU(), new Elsewhere()", "")]
    [InlineData("weights that may be written elsewhere", 16, "ReLU()", "apply(Elsewhere.Initialize);")]
    public async Task Silent(string what, int hidden, string activation, string initialization) =>
        Assert.True((await ReportedAsync(InClass(Stack(hidden, activation), initialization) + Others)).Length == 0, what);

    /// <summary>Widths alone give a healthy network a ratio: √(10/4096) is 1.3 decades.</summary>
    [Fact]
    public async Task Silent_for_a_kaiming_initialized_pyramid() => Assert.Empty(await ReportedAsync(InClass(
        "Linear(4096, 4096), ReLU(), Linear(4096, 2048), ReLU(), Linear(2048, 1024), ReLU(), Linear(1024, 512), ReLU(), Linear(512, 256), ReLU(), Linear(256, 128), ReLU(), Linear(128, 64), ReLU(), Linear(64, 32), ReLU(), Linear(32, 10)",
        "foreach (var m in layers.modules()) if (m is Linear l) init.kaiming_normal_(l.weight);")));

    [Theory]
    [InlineData("residual blocks", "for (var i = 0; i < 20; i++) x = x + functional.relu(fcs[i].call(x)); return head.call(x);")]
    [InlineData("ReLU of a sum", "for (var i = 0; i < 20; i++) x = functional.relu(x + fcs[i].call(x)); return head.call(x);")]
    [InlineData("one long skip", "var y = x; for (var i = 0; i < 20; i++) x = functional.relu(fcs[i].call(x)); return head.call(x + y);")]
    [InlineData("concatenation", "for (var i = 0; i < 20; i++) x = torch.cat(new[] { x[.., 0..32], functional.relu(fcs[i].call(x))[.., 0..32] }, 1); return head.call(x);")]
    [InlineData("gates", "for (var i = 0; i < 20; i += 2) x = fcs[i].call(x) * torch.sigmoid(fcs[i + 1].call(x)); return head.call(x);")]
    [InlineData("attention", "for (var i = 0; i < 18; i += 3) x = functional.scaled_dot_product_attention(fcs[i].call(x), fcs[i + 1].call(x), fcs[i + 2].call(x)); return head.call(x);")]
    public async Task Silent_in_forward(string what, string forward) => Assert.True((await ReportedAsync(WithForward(forward))).Length == 0, what);

    [Fact]
    public async Task The_same_layers_in_a_row_are_reported() =>
        Assert.Single(await ReportedAsync(WithForward("for (var i = 0; i < 20; i++) x = functional.relu(fcs[i].call(x)); return head.call(x);")));

    private static string WithForward(string forward) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear {{string.Join(", ", Enumerable.Range(0, 20).Select(i => $"fc{i} = Linear(64, 64)"))}}, head = Linear(64, 10);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x) { var fcs = new[] { {{string.Join(", ", Enumerable.Range(0, 20).Select(i => $"fc{i}"))}} }; {{forward}} }
        }
        """;

    [Fact]
    public Task Silent_in_generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\n#nullable enable\n" + Usings + InClass(Stack(12, "ReLU()")));

    [Fact]
    public async Task Locations_hold_the_hidden_layers_and_what_a_skip_connection_goes_around()
    {
        var reported = Assert.Single(await ReportedAsync(InClass(Stack(12, "ReLU()"))));
        Assert.Equal("12", reported.Properties["LayerCount"]);
        Assert.Equal("12", reported.Properties["SkipCount"]);
        Assert.Equal(3 * 12, reported.AdditionalLocations.Count);
        Assert.All(reported.AdditionalLocations.Skip(12).Take(12), l => Assert.Equal("ReLU()", l.SourceTree!.ToString().Substring(l.SourceSpan.Start, l.SourceSpan.Length)));
        Assert.Equal(reported.Location, reported.AdditionalLocations[0]);
        Assert.True(reported.Properties.ContainsKey("BatchNorm"));
    }

    private const string Others = """
         class Elsewhere : Module<Tensor, Tensor> { public static Action<Module> Initialize = _ => { }; public Elsewhere() : base("") { } public override Tensor forward(Tensor x) => x.cumsum(1); }
         class Sometimes : Module<Tensor, Tensor> { private readonly LayerNorm norm = LayerNorm(64); public Sometimes() : base("") => RegisterComponents(); public override Tensor forward(Tensor x) => norm.call(x); }
        """;

    private static Task<Diagnostic[]> ReportedAsync(string source, string? config = null) => Findings.OnlyAsync("GRAD4001", source, config);
}
