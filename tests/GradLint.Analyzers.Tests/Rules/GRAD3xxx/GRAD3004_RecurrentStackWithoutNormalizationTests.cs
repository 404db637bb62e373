using Microsoft.CodeAnalysis;
using Verify = GradLint.Testing.CSharpAnalyzerVerifier<GradLint.Analyzers.NetworkAnalyzer>;

namespace GradLint.Analyzers.Tests.Rules;

public class GRAD3004_RecurrentStackWithoutNormalizationTests
{
    // Measured by PyTorch on sequences of 50 steps whose last state is read, root mean squares over all steps: six LSTM layers of 64 units, 64 inputs, −3.16;
    // six GRU layers −1.64; six tanh RNN layers −0.91.
    [Fact]
    public async Task Six_lstm_layers_of_one_module() => Assert.Equal(
        "The gradient fades to 10^-3.2 of its size from the last to the first of 6 stacked LSTM layers ('lstm'), about 0.23 each; put LayerNorm between the layers",
        Assert.Single(await ReportedAsync(Net("LSTM lstm = LSTM(64, 64, numLayers: 6)", "var (y, _, _) = lstm.call(x); return head.call(y[-1]);"))).GetMessage());

    [Fact]
    public Task At_the_layers() => Verify.VerifyAnalyzerAsync(
        NetworkSource.Usings + Net("LSTM lstm = {|GRAD3004:LSTM(64, 64, numLayers: 8)|}", "var (y, _, _) = lstm.call(x); return head.call(y[-1]);"));

    [Theory]
    [InlineData("LSTM layers of one module", "LSTM rnn = LSTM(32, 64, 3)", "var (y, _, _) = rnn.call(x); return head.call(y[-1]);", DiagnosticSeverity.Info, "3 stacked LSTM layers ('rnn')", -1.5)]
    [InlineData("GRU layers of one module", "GRU rnn = GRU(64, 64, 6)", "var (y, _) = rnn.call(x); return head.call(y[-1]);", DiagnosticSeverity.Info, "6 stacked GRU layers", -1.6)]
    [InlineData("tanh layers of one module", "RNN rnn = RNN(64, 64, 6)", "var (y, _) = rnn.call(x); return head.call(y[-1]);", DiagnosticSeverity.Info, "6 stacked tanh RNN layers", -0.9)]
    [InlineData("ReLU layers of one module", "RNN rnn = RNN(32, 64, 3, NonLinearities.ReLU)", "var (y, _) = rnn.call(x); return head.call(y[-1]);", DiagnosticSeverity.Info, "3 stacked ReLU RNN layers", -0.7)]
    [InlineData("the batch first", "LSTM rnn = LSTM(32, 64, 3, batchFirst: true)", "var (y, _, _) = rnn.call(x); return head.call(y.select(1, -1));", DiagnosticSeverity.Info, "3 stacked LSTM layers", -1.5)]
    [InlineData("every step read", "LSTM rnn = LSTM(32, 64, 3)", "return head.call(rnn.call(x).Item1);", DiagnosticSeverity.Info, "3 stacked LSTM layers", -1.4)]
    [InlineData("in both directions", "LSTM rnn = LSTM(32, 32, 3, bidirectional: true)", "var (y, _, _) = rnn.call(x); return head.call(y[-1]);", DiagnosticSeverity.Info, "3 stacked LSTM layers", -1.3)]
    [InlineData("modules one after another", "LSTM a = LSTM(32, 64), b = LSTM(64, 64), c = LSTM(64, 64)", "var (y, _, _) = a.call(x); (y, _, _) = b.call(y); (y, _, _) = c.call(y); return head.call(y[-1]);",
        DiagnosticSeverity.Info, "3 stacked LSTM layers ('a' to 'c')", -1.5)]
    [InlineData("calls inside of calls", "GRU a = GRU(32, 64), b = GRU(64, 64), c = GRU(64, 64), d = GRU(64, 64)", "var y = d.call(c.call(b.call(a.call(x).Item1).Item1).Item1).Item1; return head.call(y[-1]);",
        DiagnosticSeverity.Info, "4 stacked GRU layers ('a' to 'd')", -1.2)]
    [InlineData("dropout between them", "LSTM a = LSTM(32, 64), b = LSTM(64, 64), c = LSTM(64, 64); private readonly Dropout drop = Dropout(0.2)",
        "var y = drop.call(a.call(x).Item1); y = drop.call(b.call(y).Item1); y = c.call(y).Item1; return head.call(y[-1]);", DiagnosticSeverity.Info, "3 stacked LSTM layers", -1.5)]
    [InlineData("a list and a loop", "ModuleList<GRU> layers = new(GRU(64, 64), GRU(64, 64), GRU(64, 64), GRU(64, 64))", "foreach (var layer in layers) { var (y, _) = layer.call(x); x = y; } return head.call(x[-1]);",
        DiagnosticSeverity.Info, "4 stacked GRU layers ('layers.0' to 'layers.3')", -1.0)]
    [InlineData("two kinds", "LSTM a = LSTM(32, 64), b = LSTM(64, 64); private readonly GRU c = GRU(64, 64)", "var y = a.call(x).Item1; y = b.call(y).Item1; y = c.call(y).Item1; return head.call(y[-1]);",
        DiagnosticSeverity.Info, "3 stacked LSTM and GRU layers", -1.2)]
    [InlineData("behind an embedding", "Embedding embedding = Embedding(1000, 64); private readonly LSTM rnn = LSTM(64, 64, 7)", "var (y, _, _) = rnn.call(embedding.call(x)); return head.call(y[-1]);",
        DiagnosticSeverity.Warning, "7 stacked LSTM layers", -3.7)]
    [InlineData("a stack and a single one behind a linear layer", "LSTM a = LSTM(32, 64, 3); private readonly Linear between = Linear(64, 64); private readonly LSTM b = LSTM(64, 64)",
        "var y = between.call(a.call(x).Item1); return head.call(b.call(y).Item1[-1]);", DiagnosticSeverity.Info, "3 stacked LSTM layers ('a')", -1.5)]
    public async Task Reported(string what, string members, string forward, DiagnosticSeverity severity, string text, double exponent)
    {
        var reported = Assert.Single(await ReportedAsync(Net(members, forward)));
        Assert.Contains(text, reported.GetMessage());
        Assert.True(reported.Severity == severity, $"{what}: {reported}");
        var predicted = double.Parse(reported.GetMessage()["The gradient fades to 10^".Length..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(Math.Abs(predicted - exponent) <= 0.3, $"{what}: {reported.GetMessage()}");
    }

    [Fact]
    public async Task The_number_of_layers_may_be_a_parameter() => Assert.Contains("5 stacked LSTM layers", Assert.Single(await ReportedAsync("""
        class Net : Module<Tensor, Tensor>
        {
            private readonly LSTM lstm;
            private readonly Linear head = Linear(64, 10);
            public Net(int layers = 5, int hidden = 64) : base("Net") { lstm = LSTM(hidden, hidden, layers); RegisterComponents(); }
            public override Tensor forward(Tensor x) => head.call(lstm.call(x).Item1[-1]);
        }
        """)).GetMessage());

    [Theory]
    [InlineData("one layer", "LSTM rnn = LSTM(32, 64)", "return head.call(rnn.call(x).Item1[-1]);")]
    [InlineData("two layers", "LSTM rnn = LSTM(32, 64, 2)", "return head.call(rnn.call(x).Item1[-1]);")]
    [InlineData("LayerNorm between them", "LSTM a = LSTM(32, 64), b = LSTM(64, 64), c = LSTM(64, 64); private readonly LayerNorm n = LayerNorm(64), m = LayerNorm(64)",
        "var y = n.call(a.call(x).Item1); y = m.call(b.call(y).Item1); return head.call(c.call(y).Item1[-1]);")]
    [InlineData("LayerNorm in the middle of four", "LSTM a = LSTM(32, 64, 2), b = LSTM(64, 64, 2); private readonly LayerNorm n = LayerNorm(64)",
        "return head.call(b.call(n.call(a.call(x).Item1)).Item1[-1]);")]
    [InlineData("skip connections", "LSTM a = LSTM(64, 64), b = LSTM(64, 64), c = LSTM(64, 64)", "var y = x + a.call(x).Item1; y = y + b.call(y).Item1; y = y + c.call(y).Item1; return head.call(y[-1]);")]
    [InlineData("a linear layer between them", "LSTM a = LSTM(64, 64), b = LSTM(64, 64), c = LSTM(64, 64); private readonly Linear p = Linear(64, 64), q = Linear(64, 64)",
        "var y = p.call(a.call(x).Item1); y = q.call(b.call(y).Item1); return head.call(c.call(y).Item1[-1]);")]
    [InlineData("side by side", "LSTM a = LSTM(64, 64), b = LSTM(64, 64), c = LSTM(64, 64)", "return head.call(a.call(x).Item1[-1] + b.call(x).Item1[-1] + c.call(x).Item1[-1]);")]
    [InlineData("an orthogonal tanh RNN keeps the gradient", "RNN a = RNN(32, 128), b = RNN(128, 128), c = RNN(128, 128)",
        "var y = a.call(x).Item1; y = b.call(y).Item1; y = c.call(y).Item1; return wide.call(y[-1]);", "init.orthogonal_(a.get_parameter(\"weight_hh_l0\")); init.orthogonal_(b.get_parameter(\"weight_hh_l0\")); init.orthogonal_(c.get_parameter(\"weight_hh_l0\"));")]
    [InlineData("a single layer and two behind a head", "LSTM a = LSTM(64, 64), b = LSTM(64, 64, 2)", "var y = functional.relu(a.call(x).Item1); return head.call(b.call(y).Item1[-1]);")]
    [InlineData("cells", "LSTMCell a = LSTMCell(64, 64), b = LSTMCell(64, 64), c = LSTMCell(64, 64)", "var (y, _) = a.call(x); (y, _) = b.call(y); (y, _) = c.call(y); return head.call(y);")]
    [InlineData("a state that forward computes", "LSTM a = LSTM(64, 64, 4)", "var h = torch.zeros(4, 8, 64) + x.mean(); return head.call(a.call(x, (h, h)).Item1[-1]);")]
    [InlineData("a transformer", "TransformerEncoderLayer layer = TransformerEncoderLayer(64, 4, 256)", "return head.call(layer.call(x, null, null));")]
    [InlineData("weights that nobody can know", "LSTM a = LSTM(64, 64, 4)", "return head.call(a.call(x).Item1[-1]);", "foreach (var p in a.parameters()) init.uniform_(p, -Random.Shared.NextDouble(), 1);")]
    [InlineData("gates by hand", "Linear a = Linear(64, 64), b = Linear(64, 64)", "return head.call(a.call(x).tanh() * torch.sigmoid(b.call(x)));")]
    public async Task Silent(string what, string members, string forward, string initialization = "") =>
        Assert.True((await Findings.AllAsync(Net(members, forward, initialization))).All(d => d.Id != "GRAD3004"), what);

    [Fact]
    public async Task Silent_where_the_hidden_size_is_unknown() => Assert.Empty(await ReportedAsync("""
        class Net : Module<Tensor, Tensor>
        {
            private readonly LSTM lstm;
            public Net(int hidden) : base("Net") { lstm = LSTM(hidden, hidden, 4); RegisterComponents(); }
            public override Tensor forward(Tensor x) => lstm.call(x).Item1;
        }
        """));

    [Theory]
    [InlineData("gradlint.recurrent_layers = 4", 0)]
    [InlineData("gradlint.recurrent_decades_info = 2", 0)]
    [InlineData("gradlint.recurrent_layers = 2", 1)]
    public async Task Options(string option, int expected) => Assert.Equal(expected, (await ReportedAsync(
        Net("LSTM rnn = LSTM(32, 64, 3)", "return head.call(rnn.call(x).Item1[-1]);"), option)).Length);

    [Fact]
    public async Task The_threshold_decides_the_severity() => Assert.Equal(DiagnosticSeverity.Warning, Assert.Single(await ReportedAsync(
        Net("LSTM rnn = LSTM(32, 64, 3)", "return head.call(rnn.call(x).Item1[-1]);"), "gradlint.vanishing_decades = 1")).Severity);

    [Fact]
    public async Task What_the_fix_needs_travels_with_the_diagnostic()
    {
        var modules = Assert.Single(await ReportedAsync(Net("LSTM a = LSTM(32, 64), b = LSTM(64, 64), c = LSTM(64, 64)",
            "var (y, _, _) = a.call(x); (y, _, _) = b.call(y); (y, _, _) = c.call(y); return head.call(y[-1]);")));
        Assert.Equal(3, modules.AdditionalLocations.Count);
        Assert.True(modules.Properties.ContainsKey("LayerNorm"));
        var one = Assert.Single(await ReportedAsync(Net("LSTM rnn = LSTM(32, 64, 3)", "return head.call(rnn.call(x).Item1[-1]);")));
        Assert.Empty(one.Properties);
    }

    private static string Net(string members, string forward, string initialization = "") => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly {{members}};
            private readonly Linear head = Linear(64, 10), wide = Linear(128, 10);
            public Net() : base("Net") { RegisterComponents(); {{initialization}} }
            public override Tensor forward(Tensor x) { {{forward}} }
        }
        """;

    private static Task<Diagnostic[]> ReportedAsync(string source, string? config = null) => Findings.OnlyAsync("GRAD3004", source, config);
}
