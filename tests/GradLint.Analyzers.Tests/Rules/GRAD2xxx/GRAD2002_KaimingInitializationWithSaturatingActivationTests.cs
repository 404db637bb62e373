using Microsoft.CodeAnalysis;
using static GradLint.Testing.NetworkSource;
using Verify = GradLint.Testing.CSharpAnalyzerVerifier<GradLint.Analyzers.NetworkAnalyzer>;

namespace GradLint.Analyzers.Tests.Rules;

public class GRAD2002_KaimingInitializationWithSaturatingActivationTests
{
    [Fact]
    public async Task Sigmoids_in_a_sequential()
    {
        var reported = Assert.Single(await ReportedAsync(InClass(Stack(11, "Sigmoid()"), Kaiming)));
        Assert.Equal(DiagnosticSeverity.Warning, reported.Severity);
        Assert.StartsWith("Kaiming initialization, made for ReLU, feeds sigmoid: the gradient fades to 10^-", reported.GetMessage());
        Assert.Contains(" between 'layers.22' and 'layers.0' (11 sigmoid layers, about 0.3", reported.GetMessage());
        Assert.EndsWith("; use ReLU, or put BatchNorm before each sigmoid: no initialization heals it", reported.GetMessage());
    }

    [Theory]
    [InlineData("foreach (var m in layers.modules()) if (m is Linear l) {|#0:init.kaiming_uniform_(l.weight)|};")]
    [InlineData("foreach (var (name, p) in named_parameters()) if (name.EndsWith(\"weight\")) {|#0:init.kaiming_normal_(p, 0, init.FanInOut.FanOut)|};")]
    [InlineData("foreach (var p in parameters()) if (p.dim() > 1) {|#0:init.kaiming_normal_(p, nonlinearity: init.NonlinearityType.ReLU)|};")]
    [InlineData("apply(m => { if (m is Linear l) {|#0:nn.init.kaiming_uniform_(l.weight, a: 0.1)|}; });")]
    [InlineData("foreach (var l in layers.modules().OfType<Linear>()) {|#0:init.normal_(l.weight, 0, Math.Sqrt(2.0 / 64))|};")]
    public Task Every_way_to_initialize(string initialization) => Verify.VerifyAnalyzerAsync(
        Usings + InClass(Stack(11, "Sigmoid()"), initialization), Verify.Diagnostic("GRAD2002").WithLocation(0));

    [Fact]
    public Task Members_and_functions() => Verify.VerifyAnalyzerAsync(
        Usings + WithForward("x = torch.sigmoid(fc1.call(x)); x = fc2.call(x).sigmoid(); x = functional.sigmoid(fc3.call(x)); x = fc4.call(x).sigmoid_(); return head.call(torch.sigmoid(fc5.call(x)));"),
        Verify.Diagnostic("GRAD2002").WithLocation(0));

    [Fact]
    public Task A_top_level_program()
    {
        var test = new CSharpAnalyzerTest<NetworkAnalyzer>
        {
            OutputKind = OutputKind.ConsoleApplication,
            TestCode = Usings + $"var model = Sequential({Stack(8, "Sigmoid()")}); foreach (var m in model.modules()) if (m is Linear l) {{|#0:init.kaiming_normal_(l.weight)|}};",
        };
        test.TestState.ExpectedDiagnostics.Add(Verify.Diagnostic("GRAD2002").WithLocation(0));
        return test.RunAsync();
    }

    /// <summary>√χ of SELU under σw² = 2 falls from √(2·1.0718) = 1.46 at a second moment of 1 towards 1.06 as the signal grows.</summary>
    [Fact]
    public async Task Selu_is_a_remark()
    {
        var reported = Assert.Single(await ReportedAsync(InClass(Stack(12, "SELU()"), Kaiming)));
        Assert.Equal(DiagnosticSeverity.Info, reported.Severity);
        Assert.Contains("feeds selu: the gradient grows to 10^", reported.GetMessage());
        var factor = System.Text.RegularExpressions.Regex.Match(reported.GetMessage(), @"\(11 selu layers, about ([0-9.]+) each\)").Groups[1].Value;
        Assert.InRange(double.Parse(factor, System.Globalization.CultureInfo.InvariantCulture), 1.06, 1.46);
        Assert.EndsWith("; use a gain of 1 (Var(W) = 1/fan_in)", reported.GetMessage());
    }

    [Theory]
    [InlineData("Sigmoid()", 3, null)]
    [InlineData("Sigmoid()", 4, DiagnosticSeverity.Warning)]
    [InlineData("Hardsigmoid()", 6, DiagnosticSeverity.Warning)]
    [InlineData("SELU()", 3, null)]
    [InlineData("SELU()", 4, DiagnosticSeverity.Info)]
    public async Task Activation_and_depth_decide(string activation, int hidden, DiagnosticSeverity? severity) =>
        Assert.Equal(severity, (await ReportedAsync(InClass(Stack(hidden, activation), Kaiming))).SingleOrDefault()?.Severity);

    /// <summary>GELU under Kaiming drifts to 10^-5.6 over 50 layers; in narrow networks the band of random draws is wider than that.</summary>
    [Theory]
    [InlineData("GELU()", 50)]
    [InlineData("SiLU()", 50)]
    public async Task Others_only_where_the_prediction_fails(string activation, int hidden)
    {
        var reported = Assert.Single(await ReportedAsync(InClass(Stack(hidden, activation).Replace("64", "1024"), Kaiming)));
        Assert.Contains("fades to 10^-", reported.GetMessage());
    }

    [Theory]
    [InlineData("gradlint.kaiming_layers = 3", 3, DiagnosticSeverity.Warning)]
    [InlineData("gradlint.kaiming_layers = -1", 3, null)]
    [InlineData("dotnet_diagnostic.GRAD2002.severity = error", 8, DiagnosticSeverity.Error)]
    public async Task The_thresholds_are_options(string option, int hidden, DiagnosticSeverity? severity) =>
        Assert.Equal(severity, (await ReportedAsync(InClass(Stack(hidden, "Sigmoid()"), Kaiming), option)).SingleOrDefault()?.Severity);

    [Theory]
    [InlineData("ReLU", 24, "ReLU()", Kaiming)]
    [InlineData("LeakyReLU", 24, "LeakyReLU(0.1)", Kaiming)]
    [InlineData("GELU in 12 layers", 12, "GELU()", Kaiming)]
    [InlineData("tanh in 24 layers", 24, "Tanh()", Kaiming)]
    [InlineData("ELU in 12 layers", 12, "ELU()", Kaiming)]
    [InlineData("BatchNorm before sigmoid", 8, "BatchNorm1d(64), Sigmoid()", Kaiming)]
    [InlineData("LayerNorm behind sigmoid", 8, "Sigmoid(), LayerNorm(64)", Kaiming)]
    [InlineData("SELU with 1/fan_in", 24, "SELU()", "foreach (var m in layers.modules()) if (m is Linear l) init.kaiming_normal_(l.weight, nonlinearity: init.NonlinearityType.Linear);")]
    [InlineData("Kaiming with a slope of one is 1/fan_in", 24, "SELU()", "foreach (var m in layers.modules()) if (m is Linear l) init.kaiming_normal_(l.weight, a: 1);")]
    [InlineData("SELU with Xavier", 24, "SELU()", "foreach (var m in layers.modules()) if (m is Linear l) init.xavier_normal_(l.weight);")]
    [InlineData("two sigmoids", 2, "Sigmoid()", Kaiming)]
    [InlineData("an unreadable module between", 8, "Sigmoid(), new Elsewhere()", Kaiming)]
    public async Task Silent(string what, int hidden, string activation, string initialization) =>
        Assert.True((await ReportedAsync(InClass(Stack(hidden, activation), initialization) + Elsewhere)).Length == 0, what);

    [Theory]
    [InlineData("gates", "x = x * torch.sigmoid(fc1.call(x)); x = x * torch.sigmoid(fc2.call(x)); x = x * torch.sigmoid(fc3.call(x)); x = x * torch.sigmoid(fc4.call(x)); x = x * torch.sigmoid(fc5.call(x)); return head.call(x);")]
    [InlineData("residual branches", "x = x + torch.sigmoid(fc1.call(x)); x = x + torch.sigmoid(fc2.call(x)); x = x + torch.sigmoid(fc3.call(x)); x = x + torch.sigmoid(fc4.call(x)); x = x + torch.sigmoid(fc5.call(x)); return head.call(x);")]
    [InlineData("a sigmoid head behind ReLU", "x = functional.relu(fc1.call(x)); x = functional.relu(fc2.call(x)); x = functional.relu(fc3.call(x)); x = functional.relu(fc4.call(x)); x = functional.relu(fc5.call(x)); return torch.sigmoid(head.call(x));")]
    [InlineData("a hand-written LSTM step", "var i = torch.sigmoid(fc1.call(x)); var f = torch.sigmoid(fc2.call(x)); var g = torch.tanh(fc3.call(x)); var o = torch.sigmoid(fc4.call(x)); var c = f * x + i * g; return head.call(fc5.call(o * torch.tanh(c)));")]
    public async Task Silent_in_forward(string what, string forward) =>
        Assert.True((await ReportedAsync(WithForward(forward).Replace("{|#0:", "").Replace("|}", ""))).Length == 0, what);

    [Fact]
    public async Task Silent_under_the_default_initialization() =>
        Assert.Equal("GRAD1001", Assert.Single(await Findings.AllAsync(InClass(Stack(11, "Sigmoid()"), ""))).Id);

    [Fact]
    public async Task Silent_where_the_weights_may_be_written_elsewhere() =>
        Assert.Empty(await ReportedAsync(InClass(Stack(11, "Sigmoid()"), Kaiming + " apply(initialize);").Replace("public Net()", "public Net(Action<Module> initialize)")));

    [Fact]
    public Task Silent_in_generated_code() => Verify.VerifyAnalyzerAsync("// <auto-generated/>\n#nullable enable\n" + Usings + InClass(Stack(11, "Sigmoid()"), Kaiming));

    private const string Kaiming = "foreach (var module in layers.modules()) if (module is Linear linear) init.kaiming_normal_(linear.weight);";

    private static string WithForward(string forward) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), head = Linear(64, 10);
            public Net() : base("Net")
            {
                {|#0:init.kaiming_normal_(fc1.weight)|};
                init.kaiming_normal_(fc2.weight);
                init.kaiming_normal_(fc3.weight);
                init.kaiming_normal_(fc4.weight);
                init.kaiming_normal_(fc5.weight);
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) { {{forward}} }
        }
        """;

    private static Task<Diagnostic[]> ReportedAsync(string source, string? config = null) => Findings.OnlyAsync("GRAD2002", source, config);
}
