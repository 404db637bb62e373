using GradLint.Analyzers;
using Microsoft.CodeAnalysis;
using static GradLint.Testing.NetworkSource;
using Fixer = GradLint.CodeFixes.GRAD4001_DeepStackWithoutNormalizationFixer;

namespace GradLint.CodeFixes.Tests;

public class GRAD4001_DeepStackWithoutNormalizationFixerTests
{
    [Fact]
    public Task Unnamed_elements() => Verify(
        Sequential([.. Enumerable.Range(0, 12).Select(i => (i == 0 ? "{|GRAD4001:Linear(64, 64)|}" : "Linear(64, 64)") + ", ReLU(),"), "Linear(64, 10)"]),
        Sequential([.. Enumerable.Repeat("Linear(64, 64), BatchNorm1d(64), ReLU(),", 12), "Linear(64, 10)"]));

    [Fact]
    public Task Named_elements() => Verify(
        Sequential([.. Enumerable.Range(1, 12).Select(i => $"(\"fc{i}\", {(i == 1 ? "{|GRAD4001:nn.Linear(64, 64)|}" : "nn.Linear(64, 64)")}), (\"r{i}\", ReLU()),"), "(\"head\", Linear(64, 10))"]),
        Sequential([.. Enumerable.Range(1, 12).Select(i => $"(\"fc{i}\", nn.Linear(64, 64)), (\"bn{i}\", nn.BatchNorm1d(64)), (\"r{i}\", ReLU()),"), "(\"head\", Linear(64, 10))"]));

    [Fact]
    public Task Convolutions_lose_their_bias() => Verify(
        Sequential(["{|GRAD4001:Conv2d(3, 32, 3, padding: 1)|}, ReLU(),", .. Enumerable.Repeat("Conv2d(32, 32, 3, padding: 1), ReLU(),", 10), "Conv2d(32, 32, 3, padding: 1, bias: true), ReLU(),", "Flatten(), Linear(32 * 64, 10)"]),
        Sequential(["Conv2d(3, 32, 3, padding: 1, bias: false), BatchNorm2d(32), ReLU(),", .. Enumerable.Repeat("Conv2d(32, 32, 3, padding: 1, bias: false), BatchNorm2d(32), ReLU(),", 11), "Flatten(), Linear(32 * 64, 10)"]));

    [Fact]
    public async Task A_bias_that_is_written_to_stays()
    {
        var source = Usings + Sequential([.. Enumerable.Repeat("Conv2d(32, 32, 3), ReLU(),", 12), "Flatten(), Linear(32, 10)"])
            .Replace("=> RegisterComponents();", "{ RegisterComponents(); foreach (var m in layers.modules()) if (m is Conv2d c) init.zeros_(c.bias!); }");
        var text = await new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = source }.FixedSourceAsync();
        Assert.Contains("Conv2d(32, 32, 3), BatchNorm2d(32), ReLU()", text);
    }

    [Fact]
    public Task Members() => Verify(
        MembersSource("{|GRAD4001:Linear(64, 64)|}", "", i => i % 2 == 0 ? $"x = functional.relu(fc{i}.call(x));" : $"x = this.fc{i}.forward(x).relu();"),
        MembersSource(
            "Linear(64, 64)",
            $"    private readonly BatchNorm1d {string.Join(", ", Enumerable.Range(1, 12).Select(i => $"bn{i} = BatchNorm1d(64)"))};\n",
            i => i % 2 == 0 ? $"x = functional.relu(bn{i}.call(fc{i}.call(x)));" : $"x = bn{i}.call(this.fc{i}.forward(x)).relu();"));

    [Fact]
    public Task Members_that_a_constructor_assigns_and_one_shared_activation()
    {
        static string Source(string first, string declared, Func<int, string> assigned, Func<int, string> called) => $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear {{string.Join(", ", Enumerable.Range(1, 12).Select(i => $"fc{i}"))}}, head;
            {{declared}}    private readonly ReLU relu = ReLU();

                public Net(int width = 64) : base("Net")
                {
                    fc1 = {{first}};
                    {{string.Join("\n        ", Enumerable.Range(1, 12).Select(assigned))}}
                    head = Linear(width, 10);
                    RegisterComponents();
                }

                public override Tensor forward(Tensor x)
                {
                    {{string.Join("\n        ", Enumerable.Range(1, 12).Select(called))}}
                    return head.call(x);
                }
            }
            """;
        return Verify(
            Source("{|GRAD4001:Linear(width, width)|}", "", i => i == 1 ? "// the first" : $"fc{i} = Linear(width, width);", i => $"x = relu.call(fc{i}.call(x));").Replace("        // the first\n", ""),
            Source(
                "Linear(width, width)",
                $"    private readonly BatchNorm1d {string.Join(", ", Enumerable.Range(1, 12).Select(i => $"bn{i}"))};\n",
                i => (i == 1 ? "" : $"fc{i} = Linear(width, width);\n        ") + $"bn{i} = BatchNorm1d(width);",
                i => $"x = relu.call(bn{i}.call(fc{i}.call(x)));"));
    }

    [Fact]
    public Task A_list_in_a_loop()
    {
        static string Source(string layer, string normalization) => $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential layers;

                public Net(int depth = 12, int width = 64) : base("Net")
                {
                    var modules = new List<Module<Tensor, Tensor>>();
                    for (var i = 0; i < depth; i++)
                    {
                        modules.Add({{layer}});{{normalization}}
                        modules.Add(ReLU());
                    }

                    modules.Add(Linear(width, 10));
                    layers = Sequential(modules);
                    RegisterComponents();
                }

                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """;
        return Verify(Source("{|GRAD4001:Linear(width, width)|}", ""), Source("Linear(width, width)", "\n            modules.Add(BatchNorm1d(width));"));
    }

    [Fact]
    public Task Top_level_statements() => Verify(
        "var model = Sequential({|GRAD4001:Linear(64, 64)|}, ReLU(), " + string.Concat(Enumerable.Repeat("Linear(64, 64), ReLU(), ", 11)) + "Linear(64, 10));\nvar output = model.call(torch.rand(1, 64));\n",
        "var model = Sequential(" + string.Concat(Enumerable.Repeat("Linear(64, 64), BatchNorm1d(64), ReLU(), ", 12)) + "Linear(64, 10));\nvar output = model.call(torch.rand(1, 64));\n",
        OutputKind.ConsoleApplication);

    [Fact]
    public async Task Line_endings_stay_what_they_are()
    {
        var source = (Usings + Sequential([.. Enumerable.Repeat("Linear(64, 64), ReLU(),", 12), "Linear(64, 10)"])).ReplaceLineEndings("\r\n");
        var text = await new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = source }.FixedSourceAsync();
        Assert.Contains("BatchNorm1d", text);
        Assert.Equal(text.ReplaceLineEndings("\r\n"), text);
    }

    /// <summary>BatchNorm alone makes the gradient of deep ReLU stacks grow by 1.2 a layer (Yang et al. 2019, arXiv:1902.08129).</summary>
    [Fact]
    public Task Not_offered_where_batch_norm_would_explode() =>
        NotOffered(Sequential(["{|GRAD4001:Linear(64, 64)|}, ReLU(),", .. Enumerable.Repeat("Linear(64, 64), ReLU(),", 59), "Linear(64, 10)"]));

    [Fact]
    public Task Skip_connections_for_members() => VerifySkip(
        MembersSource("{|GRAD4001:Linear(64, 64)|}", "", i => i % 2 == 0 ? $"x = functional.relu(fc{i}.call(x));" : $"x = this.fc{i}.forward(x).relu();"),
        MembersSource("Linear(64, 64)", "", i => i % 2 == 0 ? $"x = x + functional.relu(fc{i}.call(x));" : $"x = x + this.fc{i}.forward(x).relu();"));

    [Fact]
    public Task Skip_connections_where_a_loop_runs_through_layers()
    {
        const string loop = "foreach (var fc in new[] { fc1, fc2, fc3, fc4, fc5, fc6, fc7, fc8, fc9, fc10, fc11, fc12 }) x = functional.relu(fc.call(x));";
        return VerifySkip(
            MembersSource("{|GRAD4001:Linear(64, 64)|}", "", i => i == 1 ? loop : "").Replace("        \n", ""),
            MembersSource("Linear(64, 64)", "", i => i == 1 ? loop.Replace("functional", "x + functional") : "").Replace("        \n", ""));
    }

    [Fact]
    public Task Skip_connections_around_convolutions_that_keep_the_size()
    {
        static string Source(string first, string skip) => $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Conv2d c1 = {{first}}, {{string.Join(", ", Enumerable.Range(2, 10).Select(i => $"c{i} = Conv2d(16, 16, 3, padding: 1)"))}}, down = Conv2d(16, 16, 3, stride: 2, padding: 1);
                private readonly Linear head = Linear(16 * 16, 10);

                public Net() : base("Net") => RegisterComponents();

                public override Tensor forward(Tensor x)
                {
                    x = functional.relu(c1.call(x));
                    {{string.Join("\n        ", Enumerable.Range(2, 10).Select(i => $"x = {skip}functional.relu(c{i}.call(x));"))}}
                    x = functional.relu(down.call(x));
                    return head.call(x.flatten(1));
                }
            }
            """;
        return VerifySkip(Source("{|GRAD4001:Conv2d(3, 16, 3, padding: 1)|}", ""), Source("Conv2d(3, 16, 3, padding: 1)", "x + "));
    }

    /// <summary>A layer that is used twice has no place for BatchNorm, which would normalize two signals in one.</summary>
    [Fact]
    public Task A_layer_that_is_used_twice_gets_skip_connections_only() => Offered(
        [Fixer.AddSkipConnections],
        MembersSource("{|GRAD4001:Linear(64, 64)|}", "", i => i == 12 ? "" : $"x = fc{Math.Max(1, i - 1)}.call(x).relu();").Replace("        \n", ""));

    /// <summary>A skip connection belongs to the default initialization.</summary>
    [Fact]
    public Task No_skip_connections_under_another_initialization() => Offered(
        [Fixer.InsertBatchNorm],
        MembersSource("{|GRAD4001:Linear(64, 64)|}", "", i => $"x = functional.relu(fc{i}.call(x));")
            .Replace("=> RegisterComponents();", "{ RegisterComponents(); foreach (var m in modules()) if (m is Linear l) init.normal_(l.weight, 0, 0.05); }"));

    [Fact]
    public Task Not_offered_behind_an_embedding() => NotOffered(Sequential(["Embedding(100, 64), {|GRAD4001:Linear(64, 64)|}, ReLU(),", .. Enumerable.Repeat("Linear(64, 64), ReLU(),", 11), "Linear(64, 10)"]).Replace("Embedding(100, 64), {|GRAD4001:Linear(64, 64)|}", "{|GRAD4001:Embedding(100, 64)|}, Linear(64, 64)"));

    [Theory]
    [InlineData("ReLU()")]
    [InlineData("GELU()")]
    [InlineData("LeakyReLU(0.1)")]
    public Task The_repair_heals(string activation) => HealingVerifier.VerifyAsync<Fixer>(
        "GRAD4001", Fixer.InsertBatchNorm, Public(Sequential([.. Enumerable.Repeat($"Linear(64, 64), {activation},", 12), "Linear(64, 10)"])), [64], fault: -3);

    [Fact]
    public Task The_repair_heals_members() => HealingVerifier.VerifyAsync<Fixer>(
        "GRAD4001", Fixer.InsertBatchNorm, Public(MembersSource("Linear(64, 64)", "", i => $"x = functional.relu(fc{i}.call(x));")), [64], fault: -3);

    [Theory]
    [InlineData("relu")]
    [InlineData("gelu")]
    [InlineData("silu")]
    public Task Skip_connections_heal(string activation) => HealingVerifier.VerifyAsync<Fixer>(
        "GRAD4001", Fixer.AddSkipConnections, Public(MembersSource("Linear(64, 64)", "", i => $"x = functional.{activation}(fc{i}.call(x));")), [64], fault: -3);

    [Fact]
    public Task The_repair_heals_convolutions() => HealingVerifier.VerifyAsync<Fixer>(
        "GRAD4001",
        Fixer.InsertBatchNorm,
        Public(Sequential(["Conv2d(3, 16, 3, padding: 1), ReLU(),", .. Enumerable.Repeat("Conv2d(16, 16, 3, padding: 1), ReLU(),", 11), "Flatten(), Linear(16 * 64, 10)"])),
        [3, 8, 8],
        fault: -3);

    [Fact]
    public Task The_repair_heals_an_explosion() => HealingVerifier.VerifyAsync<Fixer>(
        "GRAD4001",
        Fixer.InsertBatchNorm,
        Public(Sequential([.. Enumerable.Repeat("Linear(64, 64), ReLU(),", 9), "Linear(64, 10)"]))
            .Replace("=> RegisterComponents();", "{ RegisterComponents(); foreach (var m in layers.modules()) if (m is Linear l) init.normal_(l.weight, 0, 0.7); }"),
        [64],
        fault: 3);

    private static string Public(string source) => source.Replace("class Net", "public class Net");

    private static string Sequential(string[] lines) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(
                {{string.Join("\n        ", lines)}});

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;

    private static string MembersSource(string first, string declared, Func<int, string> called) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = {{first}}, {{string.Join(", ", Enumerable.Range(2, 11).Select(i => $"fc{i} = Linear(64, 64)"))}}, head = Linear(64, 10);
        {{declared}}
            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x)
            {
                {{string.Join("\n        ", Enumerable.Range(1, 12).Select(called))}}
                return head.call(x);
            }
        }
        """;

    private static Task NotOffered(string source) => Offered([], source);

    private static Task Offered(string[] keys, string source) =>
        new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { OfferedEquivalenceKeys = keys, CodeActionEquivalenceKey = "none of them", TestCode = Usings + source, FixedCode = Usings + source }.RunAsync();

    private static Task VerifySkip(string source, string fixedSource) =>
        new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { CodeActionEquivalenceKey = Fixer.AddSkipConnections, TestCode = Usings + source, FixedCode = Usings + fixedSource }.RunAsync();

    private static Task Verify(string source, string fixedSource, OutputKind kind = OutputKind.DynamicallyLinkedLibrary) =>
        new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { OutputKind = kind, TestCode = Usings + source, FixedCode = Usings + fixedSource }.RunAsync();
}
