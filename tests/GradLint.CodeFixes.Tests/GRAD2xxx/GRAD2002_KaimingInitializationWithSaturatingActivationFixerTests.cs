using GradLint.Analyzers;
using static GradLint.Testing.NetworkSource;
using Fixer = GradLint.CodeFixes.GRAD2002_KaimingInitializationWithSaturatingActivationFixer;

namespace GradLint.CodeFixes.Tests;

public class GRAD2002_KaimingInitializationWithSaturatingActivationFixerTests
{
    [Fact]
    public Task Relu_in_place_of_sigmoid() => Verify(
        Fixer.UseRelu,
        InClass(8, "Linear(64, 64), Sigmoid(), ", "{|GRAD2002:init.kaiming_normal_(linear.weight)|};"),
        InClass(8, "Linear(64, 64), ReLU(), ", "init.kaiming_normal_(linear.weight);"));

    [Fact]
    public Task Batch_norm_before_sigmoid() => Verify(
        Fixer.InsertBatchNorm,
        InClass(8, "Linear(64, 64), Sigmoid(), ", "{|GRAD2002:init.kaiming_uniform_(linear.weight)|};"),
        InClass(8, "Linear(64, 64), BatchNorm1d(64), Sigmoid(), ", "init.kaiming_uniform_(linear.weight);"));

    [Fact]
    public async Task One_over_fan_in_for_selu()
    {
        var text = await new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = Usings + InClass(12, "Linear(64, 64), SELU(), ", "init.kaiming_normal_(linear.weight);"), CodeActionEquivalenceKey = Fixer.UseFittingInitialization }.FixedSourceAsync();
        Assert.Equal(Usings + InClass(12, "Linear(64, 64), SELU(), ", "init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.Linear);"), text);
    }

    [Theory]
    [InlineData("Sigmoid()", new[] { Fixer.UseRelu, Fixer.InsertBatchNorm })]
    [InlineData("SELU()", new[] { Fixer.UseFittingInitialization })]
    public async Task Alternatives(string activation, string[] offered)
    {
        var source = Usings + InClass(8, $"Linear(64, 64), {activation}, ", "{|#0:init.kaiming_normal_(linear.weight)|};");
        var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { OfferedEquivalenceKeys = offered, CodeActionEquivalenceKey = "none of them", TestCode = source, FixedCode = source };
        var expected = CSharpAnalyzerVerifier<NetworkAnalyzer>.Diagnostic("GRAD2002").WithLocation(0) with { Severity = null };
        test.TestState.ExpectedDiagnostics.Add(expected);
        test.FixedState.ExpectedDiagnostics.Add(expected);
        await test.RunAsync();
    }

    [Fact]
    public async Task Line_endings_stay_what_they_are()
    {
        var source = (Usings + InClass(8, "Linear(64, 64), Sigmoid(), ", "init.kaiming_normal_(linear.weight);")).ReplaceLineEndings("\r\n");
        var text = await new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = source, CodeActionEquivalenceKey = Fixer.InsertBatchNorm }.FixedSourceAsync();
        Assert.Contains("BatchNorm1d", text);
        Assert.Equal(text.ReplaceLineEndings("\r\n"), text);
    }

    [Theory]
    [InlineData(Fixer.UseRelu)]
    [InlineData(Fixer.InsertBatchNorm)]
    public Task Every_repair_of_sigmoid_heals(string key) =>
        HealingVerifier.VerifyAsync<Fixer>("GRAD2002", key, InClass(10, "Linear(64, 64), Sigmoid(), ", "init.kaiming_normal_(linear.weight);"), [64], fault: -3);

    /// <summary>The ratio of the widths, √(10/64), takes back 0.4 decades of what the layers add.</summary>
    [Fact]
    public Task The_repair_of_selu_heals() =>
        HealingVerifier.VerifyAsync<Fixer>("GRAD2002", Fixer.UseFittingInitialization, InClass(30, "Linear(64, 64), SELU(), ", "init.kaiming_normal_(linear.weight);"), [64], fault: 0.8);

    /// <summary>
    /// Kaiming's gain lets GELU and SiLU fade and tanh grow, each beyond a depth of its own; of the fitting gains the one is written that the
    /// prediction finds healthy: for tanh that is not 5/3, which grows faster than Kaiming's. (ELU takes Kaiming's gain over hundreds of layers.)
    /// </summary>
    [TorchTheory]
    [InlineData("GELU()", 32, 512, "init.xavier_normal_(linear.weight, 1.48);", -2)]
    [InlineData("SiLU()", 28, 256, "init.xavier_normal_(linear.weight, 1.58);", -2)]
    [InlineData("Tanh()", 150, 256, "init.xavier_normal_(linear.weight, 1.15);", 2)]
    public async Task The_fitting_gain_heals(string activation, int hidden, int width, string written, double fault)
    {
        var source = InClass(hidden, $"Linear({width}, {width}), {activation}, ", "init.kaiming_normal_(linear.weight);").Replace("Linear(64, 10)", $"Linear({width}, 10)");
        var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = Usings + source, CodeActionEquivalenceKey = Fixer.UseFittingInitialization };
        Assert.Contains(written, await test.FixedSourceAsync());
        await HealingVerifier.VerifyAsync<Fixer>("GRAD2002", Fixer.UseFittingInitialization, source, [width], fault);
    }

    private static string InClass(int hidden, string layers, string call) => EachInitialized(string.Concat(Enumerable.Repeat(layers, hidden)) + "Linear(64, 10)", call);

    private static Task Verify(string key, string source, string fixedSource) =>
        new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { CodeActionEquivalenceKey = key, TestCode = Usings + source, FixedCode = Usings + fixedSource }.RunAsync();
}
