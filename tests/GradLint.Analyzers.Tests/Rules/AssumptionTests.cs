using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Tests.Rules;

/// <summary>What a message says of the arguments that it was calculated with, and what is said of classes that are constructed in several ways.</summary>
public class AssumptionTests
{
    private const string Mlp = """
        class Mlp : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public Mlp(int depth, int width = 64) : base("Mlp")
            {
                for (int i = 0; i < depth; i++)
                    layers.append($"fc{i}", Linear(width, width)).append($"act{i}", Sigmoid());
                layers.append("head", Linear(width, 10));
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.call(x);
        }

        """;

    /// <summary>Eleven sigmoids 64 wide: measured −9.77 over eight seeds with PyTorch; five: −4.7.</summary>
    [Theory]
    [InlineData("static class P { static void Main() => Console.WriteLine(new Mlp(11)); }", "10^-9.8", "; calculated with depth = 11 and width = 64")]
    [InlineData("static class P { static void Main() => Console.WriteLine(new Mlp(width: 64, depth: 5)); }", "10^-4.7", "; calculated with depth = 5 and width = 64")]
    [InlineData("static class P { static Mlp Make(int n) => new(n + 1); static void Main() => Console.WriteLine(Make(10)); }", "10^-9.8", "; calculated with depth = 11 and width = 64")]
    [InlineData("static class P { static void Main() { Console.WriteLine(new Mlp(1)); Console.WriteLine(new Mlp(11)); Console.WriteLine(new Mlp(5)); } }", "10^-9.8", "; calculated with depth = 11 and width = 64")]
    [InlineData("static class P { static void Main(string[] args) { Console.WriteLine(new Mlp(args.Length)); Console.WriteLine(new Mlp(5)); } }", "10^-4.7", "; calculated with depth = 5 and width = 64")]
    public async Task The_arguments_of_the_constructions(string program, string number, string assumption)
    {
        var reported = Assert.Single(await ReportedAsync(Mlp + program));
        Assert.Equal("GRAD1001", reported.Id);
        Assert.Contains(number, reported.GetMessage());
        Assert.EndsWith(assumption, reported.GetMessage());
    }

    [Fact]
    public async Task Nothing_is_said_of_few_layers() =>
        Assert.Empty(await ReportedAsync(Mlp + "static class P { static void Main() { Console.WriteLine(new Mlp(1)); Console.WriteLine(new Mlp(2)); } }"));

    [Fact]
    public async Task Defaults_are_assumed_where_nobody_constructs()
    {
        var reported = Assert.Single(await ReportedAsync(Mlp.Replace("int depth,", "int depth = 11,")));
        Assert.EndsWith("; calculated with depth = 11 and width = 64", reported.GetMessage());
    }

    /// <summary>A seed or a name is no part of the number.</summary>
    [Fact]
    public async Task Arguments_that_change_nothing_are_not_named()
    {
        var source = Mlp.Replace("int depth,", "int depth, string label, double momentum,") + "static class P { static void Main() => Console.WriteLine(new Mlp(11, \"a\", 0.9)); }";
        Assert.EndsWith("; calculated with depth = 11 and width = 64", Assert.Single(await ReportedAsync(source)).GetMessage());
    }

    [Fact]
    public async Task Members_of_options_are_named()
    {
        var source = Mlp.Replace("int depth, int width = 64", "Options options").Replace("depth;", "options.Depth;").Replace("width", "options.Width")
            + "record Options(int Depth, int Width, string Name); static class P { static void Main() => Console.WriteLine(new Mlp(new Options(11, 64, \"x\"))); }";
        Assert.EndsWith("; calculated with options.Depth = 11 and options.Width = 64", Assert.Single(await ReportedAsync(source)).GetMessage());
    }

    [Fact]
    public async Task A_measurement_comes_last()
    {
        var fingerprint = Read.All(Mlp + "static class P { static void Main() => Console.WriteLine(new Mlp(11)); }", "Mlp")[0].Network.Fingerprint;
        var evidence = SignalPropagation.EvidenceFile.Write([SignalPropagation.EvidenceRow.Measured("Mlp", "layers.fc0", SignalPropagation.EvidenceFile.ActivationGradient, -9.83, "cuda:0", fingerprint)]);
        var reported = Assert.Single(await ReportedAsync(Mlp + "static class P { static void Main() => Console.WriteLine(new Mlp(11)); }", evidence));
        Assert.EndsWith("; calculated with depth = 11 and width = 64; measured 10^-9.8 on cuda:0", reported.GetMessage());
    }

    [Fact]
    public async Task Live_in_the_file_of_the_class_when_another_one_constructs_it()
    {
        var test = new CSharpAnalyzerTest<NetworkAnalyzer>();
        test.TestState.Sources.Add(("/0/Mlp.cs", NetworkSource.Usings + Mlp));
        test.TestState.Sources.Add(("/0/Program.cs", NetworkSource.Usings + "static class P { const int Depth = 11; static void Main() { var net = new Mlp(Depth); Console.WriteLine(net); } }"));
        var reported = Assert.Single(await test.LiveDiagnosticsAsync("/0/Mlp.cs"));
        Assert.Equal("/0/Mlp.cs", reported.Location.SourceTree!.FilePath);
        Assert.EndsWith("with depth = 11 and width = 64", reported.GetMessage());
    }

    /// <summary>One sigmoid stack is wrong either way; which activation it is, nothing decides.</summary>
    [Theory]
    [InlineData("Sigmoid()", "Sigmoid()", 1)]
    [InlineData("Sigmoid()", "Hardsigmoid()", 1)]
    [InlineData("Sigmoid()", "ReLU()", 0)]
    [InlineData("Tanh()", "Sigmoid()", 0)]
    public async Task Of_undecided_branches_what_holds_in_all(string one, string other, int reported)
    {
        var source = $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential();
                public Net(string activation) : base("Net")
                {
                    for (int i = 0; i < 6; i++)
                    {
                        layers.append(Linear(64, 64));
                        layers.append(activation == "first" ? {{one}} : {{other}});
                    }
                    layers.append(Linear(64, 10));
                    RegisterComponents();
                }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """;
        Assert.Equal(reported, (await ReportedAsync(source)).Length);
    }

    /// <summary>The mildest of the alternatives is true of each: six hard sigmoids fade more than six sigmoids.</summary>
    [Fact]
    public async Task Of_undecided_branches_the_mildest_number()
    {
        var source = Mlp.Replace("Sigmoid()", "steep ? Hardsigmoid() : Sigmoid()").Replace("int depth, int width = 64", "bool steep, int depth = 6, int width = 64");
        var alone = Assert.Single(await ReportedAsync(Mlp.Replace("int depth,", "int depth = 6,")));
        Assert.Equal(alone.GetMessage(), Assert.Single(await ReportedAsync(source)).GetMessage());
    }

    /// <summary>VGG-11 without BatchNorm fades by 4.1 decades under the default initialization, as PyTorch measures; how large its images are, nothing says.</summary>
    [Fact]
    public async Task Pooling_over_an_unknown_number_of_positions_hides_nothing()
    {
        int[] widths = [64, 128, 256, 256, 512, 512, 512, 512];
        var layers = string.Concat(widths.Select((w, i) => $"Conv2d({(i == 0 ? 3 : widths[i - 1])}, {w}, 3, padding: 1), ReLU(), {(i is 0 or 1 or 3 or 5 or 7 ? "MaxPool2d(2), " : "")}"));
        var reported = Assert.Single(await ReportedAsync($$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential({{layers}}AdaptiveAvgPool2d(7), Flatten(), Linear(25088, 4096), ReLU(), Dropout(), Linear(4096, 4096), ReLU(), Dropout(), Linear(4096, 10));
                public Net() : base("Net") => RegisterComponents();
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """));
        Assert.Equal(("GRAD4001", DiagnosticSeverity.Warning), (reported.Id, reported.Severity));
    }

    private static Task<Diagnostic[]> ReportedAsync(string source, string? evidence = null) => Findings.AllAsync(source, evidence: evidence);
}
