using System.Reflection;
using GradLint.Analyzers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Fixer = GradLint.CodeFixes.GRAD3004_RecurrentStackWithoutNormalizationFixer;

namespace GradLint.CodeFixes.Tests;

public class GRAD3004_RecurrentStackWithoutNormalizationFixerTests
{
    [Fact]
    public Task Fields_with_initializers() => Verify(
        Net("LSTM a = {|GRAD3004:LSTM(32, 64)|}, b = LSTM(64, 64), c = LSTM(64, 64);", "var (y, _, _) = a.call(x);\n        (y, _, _) = b.call(y);\n        (y, _, _) = c.call(y);"),
        Net(
            "LSTM a = LSTM(32, 64), b = LSTM(64, 64), c = LSTM(64, 64);\n    private readonly LayerNorm norm1 = LayerNorm(64), norm2 = LayerNorm(64);",
            "var (y, _, _) = a.call(x);\n        (y, _, _) = b.call(norm1.call(y));\n        (y, _, _) = c.call(norm2.call(y));"));

    [Fact]
    public Task Both_directions_and_states() => Verify(
        Net(
            "GRU a = {|GRAD3004:nn.GRU(32, 32, bidirectional: true)|};\n    private readonly GRU b = nn.GRU(64, 32, bidirectional: true);\n    private readonly GRU c = nn.GRU(64, 64);",
            "var y = a.call(x).Item1;\n        y = b.forward(y, null).Item1;\n        y = this.c.call(y).Item1;"),
        Net(
            "GRU a = nn.GRU(32, 32, bidirectional: true);\n    private readonly LayerNorm norm1 = nn.LayerNorm(2 * 32);\n    private readonly GRU b = nn.GRU(64, 32, bidirectional: true);\n    private readonly LayerNorm norm2 = nn.LayerNorm(2 * 32);\n    private readonly GRU c = nn.GRU(64, 64);",
            "var y = a.call(x).Item1;\n        y = b.forward(norm1.call(y), null).Item1;\n        y = this.c.call(norm2.call(y)).Item1;"));

    [Fact]
    public Task Fields_that_a_constructor_assigns()
    {
        static string Source(string first, string declared, string afterA, string afterB, string second, string third) => $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly RNN a, b, c;
            {{declared}}    private readonly Linear head;

                public Net(int hidden = 64) : base("Net")
                {
                    a = {{first}};
            {{afterA}}        b = RNN(hidden, hidden);
            {{afterB}}        c = RNN(hidden, hidden);
                    head = Linear(hidden, 10);
                    RegisterComponents();
                }

                public override Tensor forward(Tensor x)
                {
                    var (y, _) = a.call(x);
                    (y, _) = b.call({{second}});
                    (y, _) = c.call({{third}});
                    return head.call(y[-1]);
                }
            }
            """;
        return Verify(
            Source("{|GRAD3004:RNN(32, hidden)|}", "", "", "", "y", "y"),
            Source("RNN(32, hidden)", "    private readonly LayerNorm norm1, norm2;\n", "        norm1 = LayerNorm(hidden);\n", "        norm2 = LayerNorm(hidden);\n", "norm1.call(y)", "norm2.call(y)"));
    }

    [Theory]
    [InlineData("one module", "LSTM a = LSTM(32, 64, 3);", "var y = a.call(x).Item1;")]
    [InlineData("a list", "ModuleList<LSTM> list = new(LSTM(64, 64), LSTM(64, 64), LSTM(64, 64));", "var y = x; foreach (var l in list) y = l.call(y).Item1;")]
    [InlineData("a layer that is handed on", "LSTM a = LSTM(32, 64), b = LSTM(64, 64), c = LSTM(64, 64);", "var y = a.call(x).Item1; y = b.call(y).Item1; y = c.call(y).Item1; System.Console.WriteLine(b);")]
    public async Task Not_offered(string what, string members, string forward)
    {
        _ = what;
        var source = NetworkSource.Usings + Net(members, forward);
        await AsWarning(new() { OfferedEquivalenceKeys = [], TestCode = Marked(source), FixedCode = Marked(source) }).RunAsync();

        static string Marked(string text)
        {
            var at = text.IndexOf("LSTM(", StringComparison.Ordinal);
            var end = text.IndexOf(')', at) + 1;
            return text[..at] + "{|GRAD3004:" + text[at..end] + "|}" + text[end..];
        }
    }

    /// <summary>Before: each layer's gradient is smaller than that of the next, as much as the warning says. After: all are alike, and nothing is left to report.</summary>
    [TorchTheory]
    [InlineData("LSTM", -2.2)]
    [InlineData("GRU", -1.0)]
    [InlineData("RNN", -0.5)]
    public async Task Healing(string cell, double fault)
    {
        var source = NetworkSource.Usings + Net(
            $"{cell} a = {cell}(32, 64), b = {cell}(64, 64), c = {cell}(64, 64), d = {cell}(64, 64), e = {cell}(64, 64);",
            "var y = a.call(x).Item1;\n        y = b.call(y).Item1;\n        y = c.call(y).Item1;\n        y = d.call(y).Item1;\n        y = e.call(y).Item1;").Replace("class Net", "public class Net");
        var warning = Assert.Single(await ReportedAsync(source));
        Assert.Equal("GRAD3004", warning.Id);
        var predicted = double.Parse(warning.GetMessage()["The gradient fades to 10^".Length..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        var before = Ratio(CodeFixes.Tests.Healing.Compile(source));
        Assert.True(before < fault, $"measured 10^{before:F2} before");
        Assert.True(Math.Abs(before - predicted) < 0.3, $"predicted 10^{predicted:F2}, measured 10^{before:F2}");

        var repaired = await new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = source, CodeActionEquivalenceKey = Fixer.InsertLayerNorm }.FixedSourceAsync();
        Assert.Contains("b.call(norm1.call(y))", repaired);
        var after = Ratio(CodeFixes.Tests.Healing.Compile(repaired));
        Assert.True(Math.Abs(after) < 0.5, $"measured 10^{after:F2} after{Environment.NewLine}{repaired}");
        Assert.Empty(await ReportedAsync(repaired));
    }

    /// <summary>log10 of the root mean square of ∂L/∂(output) of the first recurrent layer over the last one's, all steps; the mean over seeds.</summary>
    private static double Ratio(Type net) => CodeFixes.Tests.Healing.Alone(() =>
    {
        const int Seeds = 4;
        var sum = 0.0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            manual_seed(seed);
            using var scope = NewDisposeScope();
            using var model = (Module<Tensor, Tensor>)Activator.CreateInstance(net, BindingFlags.OptionalParamBinding | BindingFlags.CreateInstance | BindingFlags.Public | BindingFlags.Instance, null, [], null)!;
            var outputs = new List<Tensor>();
            foreach (var (_, module) in model.named_modules())
            {
                if (module is Module<Tensor, Tensor, (Tensor, Tensor)> pair)
                    pair.register_forward_hook((_, _, _, output) => (Keep(output.Item1), output.Item2));
                else if (module is Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)> triple)
                    triple.register_forward_hook((_, _, _, output) => (Keep(output.Item1), output.Item2, output.Item3));
            }

            var predicted = model.call(randn([40, 16, 32]));
            functional.cross_entropy(predicted, randint(10, [16], dtype: ScalarType.Int64)).backward();
            sum += Math.Log10(Size(outputs[0]) / Size(outputs[^1]));

            Tensor Keep(Tensor output)
            {
                output.retain_grad();
                outputs.Add(output);
                return output;
            }
        }

        return sum / Seeds;
    });

    private static double Size(Tensor output) => Math.Sqrt(output.grad!.to(ScalarType.Float64).square().mean().item<double>());

    private static Task<Microsoft.CodeAnalysis.Diagnostic[]> ReportedAsync(string source) => new CSharpAnalyzerTest<NetworkAnalyzer>().ReportedAsync(source);

    private static string Net(string members, string forward) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly {{members}}
            private readonly Linear head = Linear(64, 10);

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x)
            {
                {{forward}}
                return head.call(y[-1]);
            }
        }
        """;

    private static Task Verify(string source, string fixedSource) =>
        AsWarning(new() { TestCode = NetworkSource.Usings + source, FixedCode = NetworkSource.Usings + fixedSource }).RunAsync();

    // Three layers are worth a remark only; markup stands for warnings.
    private static CSharpCodeFixTest<NetworkAnalyzer, Fixer> AsWarning(CSharpCodeFixTest<NetworkAnalyzer, Fixer> test)
    {
        test.TestState.AddGlobalConfig("gradlint.vanishing_decades = 0.1");
        return test;
    }
}
