using GradLint.Analyzers;
using Microsoft.CodeAnalysis;
using static GradLint.Testing.NetworkSource;
using Fixer = GradLint.CodeFixes.GRAD2001_XavierInitializationWithReluFixer;

namespace GradLint.CodeFixes.Tests;

public class GRAD2001_XavierInitializationWithReluFixerTests
{
    [Fact]
    public Task Kaiming_in_place_of_xavier() => Verify(
        Fixer.UseKaiming,
        InClass("ReLU()", "{|GRAD2001:init.xavier_uniform_(linear.weight)|}; // fan_avg"),
        InClass("ReLU()", "init.kaiming_uniform_(linear.weight, nonlinearity: init.NonlinearityType.ReLU); // fan_avg"));

    [Fact]
    public Task Normal_stays_normal_and_a_gain_is_replaced() => Verify(
        Fixer.UseKaiming,
        InClass("ReLU()", "{|GRAD2001:torch.nn.init.xavier_normal_(gain: 1.0, tensor: linear.weight)|};"),
        InClass("ReLU()", "torch.nn.init.kaiming_normal_(tensor: linear.weight, nonlinearity: init.NonlinearityType.ReLU);"));

    [Fact]
    public Task A_slope_is_named() => Verify(
        Fixer.UseKaiming,
        InClass("LeakyReLU(0.2)", "{|GRAD2001:init.xavier_normal_(linear.weight)|};"),
        InClass("LeakyReLU(0.2)", "init.kaiming_normal_(linear.weight, a: 0.2);"));

    [Fact]
    public Task Xavier_gets_its_gain() => Verify(
        Fixer.UseXavierWithGain,
        InClass("ReLU()", "{|GRAD2001:init.xavier_uniform_(linear.weight)|};"),
        InClass("ReLU()", "init.xavier_uniform_(linear.weight, init.calculate_gain(init.NonlinearityType.ReLU));"));

    [Fact]
    public Task Xavier_gets_the_gain_of_a_slope() => Verify(
        Fixer.UseXavierWithGain,
        InClass("LeakyReLU(0.2)", "{|GRAD2001:init.xavier_uniform_(linear.weight)|};"),
        InClass("LeakyReLU(0.2)", "init.xavier_uniform_(linear.weight, init.calculate_gain(init.NonlinearityType.LeakyReLU, 0.2));"));

    [Fact]
    public Task A_bare_call_of_a_using_static() => Verify(
        Fixer.UseKaiming,
        InClass("ReLU()", "{|GRAD2001:xavier_uniform_(linear.weight)|};"),
        InClass("ReLU()", "kaiming_uniform_(linear.weight, nonlinearity: NonlinearityType.ReLU);"),
        "using static TorchSharp.torch.nn.init;\n" + Usings);

    [Fact]
    public Task Every_call_of_the_stack_in_the_order_of_the_source()
    {
        static string Source(params string[] calls) => $$"""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Linear {{string.Join(", ", Enumerable.Range(1, 16).Select(i => $"fc{i} = Linear(64, 64)"))}}, head = Linear(64, 10);

                public Net() : base("Net")
                {
                    {{string.Join("\n        ", calls)}}
                    init.xavier_uniform_(head.weight);
                    RegisterComponents();
                }

                public override Tensor forward(Tensor x)
                {
                    foreach (var fc in new[] { {{string.Join(", ", Enumerable.Range(1, 16).Select(i => $"fc{i}"))}} })
                        x = functional.relu(fc.call(x));
                    return head.call(x);
                }
            }
            """;
        return Verify(
            Fixer.UseKaiming,
            Source(["{|GRAD2001:init.xavier_uniform_(fc1.weight)|};", .. Enumerable.Range(2, 15).Select(i => $"init.xavier_uniform_(fc{i}.weight);")]),
            Source([.. Enumerable.Range(1, 16).Select(i => $"init.kaiming_uniform_(fc{i}.weight, nonlinearity: init.NonlinearityType.ReLU);")]));
    }

    [Fact]
    public Task Top_level_statements() => Verify(
        Fixer.UseKaiming,
        $"var model = Sequential({Stack(20, "ReLU()")});\nforeach (var m in model.modules()) if (m is Linear l) {{|GRAD2001:init.xavier_uniform_(l.weight)|}};\n",
        $"var model = Sequential({Stack(20, "ReLU()")});\nforeach (var m in model.modules()) if (m is Linear l) init.kaiming_uniform_(l.weight, nonlinearity: init.NonlinearityType.ReLU);\n",
        kind: OutputKind.ConsoleApplication);

    [Fact]
    public Task Two_networks_that_share_one_helper()
    {
        static string Source(string open, string close, string call) => $$"""
            static class Weights
            {
                public static void Initialize(Module module)
                {
                    if (module is Linear linear)
                        {{call}};
                }
            }

            class {{open}}First{{close}} : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential({{Stack(20, "ReLU()")}});
                public First() : base("First") { RegisterComponents(); apply(Weights.Initialize); }
                public override Tensor forward(Tensor x) => layers.call(x);
            }

            class {{open}}Second{{close}} : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential({{Stack(20, "ReLU()")}});
                public Second() : base("Second") { RegisterComponents(); apply(Weights.Initialize); }
                public override Tensor forward(Tensor x) => layers.call(x);
            }
            """;
        return Verify(
            Fixer.UseKaiming,
            Source("{|GRAD2001:", "|}", "init.xavier_uniform_(linear.weight)"),
            Source("", "", "init.kaiming_uniform_(linear.weight, nonlinearity: init.NonlinearityType.ReLU)"));
    }

    [Fact]
    public async Task Line_endings_stay_what_they_are()
    {
        var source = (Usings + InClass("ReLU()", "init.xavier_uniform_(linear.weight);")).ReplaceLineEndings("\r\n");
        var text = await new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = source }.FixedSourceAsync();
        Assert.Contains("kaiming_uniform_", text);
        Assert.Equal(text.ReplaceLineEndings("\r\n"), text);
    }

    [Fact]
    public async Task Not_offered_for_a_helper_in_another_file()
    {
        var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { OfferedEquivalenceKeys = [] };
        test.TestState.Sources.Add(("/0/Net.cs", Usings + InClass("ReLU()", "Weights.Initialize(linear);").Replace("class Net", "class {|GRAD2001:Net|}")));
        test.TestState.Sources.Add(("/0/Weights.cs", Usings + "static class Weights { public static void Initialize(Linear linear) => init.xavier_uniform_(linear.weight); }"));
        await test.RunAsync();
    }

    [Fact]
    public async Task Both_alternatives_the_common_one_first()
    {
        var source = Usings + InClass("ReLU()", "{|GRAD2001:init.xavier_uniform_(linear.weight)|};");
        await new CSharpCodeFixTest<NetworkAnalyzer, Fixer>
        {
            OfferedEquivalenceKeys = [Fixer.UseKaiming, Fixer.UseXavierWithGain],
            CodeActionEquivalenceKey = "none of them",
            TestCode = source,
            FixedCode = source,
        }.RunAsync();
    }

    [Theory]
    [InlineData(Fixer.UseKaiming, "ReLU()", "init.xavier_uniform_(linear.weight);")]
    [InlineData(Fixer.UseKaiming, "LeakyReLU(0.2)", "init.xavier_normal_(linear.weight);")]
    [InlineData(Fixer.UseXavierWithGain, "ReLU()", "init.xavier_normal_(linear.weight);")]
    [InlineData(Fixer.UseXavierWithGain, "LeakyReLU(0.2)", "init.xavier_uniform_(linear.weight, 1.0);")]
    public Task Every_repair_heals(string key, string activation, string call) =>
        HealingVerifier.VerifyAsync<Fixer>("GRAD2001", key, InClass(activation, call), [64], fault: -2.5);

    [Theory]
    [InlineData(Fixer.UseKaiming)]
    [InlineData(Fixer.UseXavierWithGain)]
    public Task Every_repair_heals_convolutions(string key) => HealingVerifier.VerifyAsync<Fixer>(
        "GRAD2001",
        key,
        $$"""
        public class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(Conv2d(3, 16, 3, padding: 1), ReLU(), {{string.Concat(Enumerable.Repeat("Conv2d(16, 16, 3, padding: 1), ReLU(), ", 17))}}Flatten(), Linear(16 * 64, 10));

            public Net() : base("Net")
            {
                RegisterComponents();
                foreach (var module in layers.modules())
                {
                    if (module is Conv2d convolution)
                        init.xavier_uniform_(convolution.weight);
                }
            }

            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """,
        [3, 8, 8],
        fault: -2);

    private static string InClass(string activation, string call) => EachInitialized(Stack(20, activation), call);

    private static Task Verify(string key, string source, string fixedSource, string usings = Usings, OutputKind kind = OutputKind.DynamicallyLinkedLibrary) =>
        new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { CodeActionEquivalenceKey = key, OutputKind = kind, TestCode = usings + source, FixedCode = usings + fixedSource }.RunAsync();
}
