using GradLint.Analyzers;
using Microsoft.CodeAnalysis;
using static GradLint.Testing.NetworkSource;
using Fixer = GradLint.CodeFixes.GRAD1001_SaturatingActivationsVanishGradientFixer;

namespace GradLint.CodeFixes.Tests;

public partial class GRAD1001_SaturatingActivationsVanishGradientFixerTests
{
    private const string NamedSequential = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(
                ("fc1", Linear(64, 64)), ("s1", {|GRAD1001:Sigmoid()|}),
                ("fc2", Linear(64, 64)), ("s2", Sigmoid()),
                ("fc3", Linear(64, 64)), ("s3", nn.Sigmoid(inplace: true)),
                ("fc4", Linear(64, 64)), ("s4", Sigmoid()),
                ("fc5", Linear(64, 64)), ("s5", Sigmoid()),
                ("head", Linear(64, 10)));

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;

    private static readonly string Members = FiveLayers("""
        x = {|GRAD1001:torch.sigmoid(fc1.call(x))|};
        x = fc2.call(x).sigmoid();
        x = functional.sigmoid(fc3.call(x));
        using var y = fc4.call(x).sigmoid(); // kept
        return head.call(torch.sigmoid(fc5.call(y)));
        """);

    private const string Program = """
        using TorchSharp;
        using static TorchSharp.torch.nn;

        // The model.
        var model = Sequential(
            Linear(64, 64), {|GRAD1001:Sigmoid()|},
            Linear(64, 64), Sigmoid(),
            Linear(64, 64), Sigmoid(),
            Linear(64, 64), Sigmoid(),
            Linear(64, 64), Sigmoid(),
            Linear(64, 10));
        var output = model.call(torch.rand(1, 64));
        """;

    private const string SharedActivationAndBaseTypes = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Module<Tensor, Tensor> conv1 = Conv2d(1, 16, 3), conv2 = Conv2d(16, 16, 3), conv3 = Conv2d(16, 16, 3), conv4 = Conv2d(16, 16, 3);
            private readonly Conv2d conv5 = Conv2d(16, 16, 3);
            private readonly Sigmoid act = {|GRAD1001:Sigmoid()|};
            private readonly Conv2d head = Conv2d(16, 10, 1);

            public Net() : base("Net")
            {
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                x = act.call(conv3.call(act.call(conv2.call(act.call(conv1.call(x))))));
                x = act.call(conv5.call(act.call(conv4.call(x))));
                return head.call(x);
            }
        }
        """;

    [Fact]
    public async Task Line_endings_stay_what_they_are()
    {
        var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = (Usings + NamedSequential).ReplaceLineEndings("\r\n") };
        var text = await test.FixedSourceAsync();
        Assert.Equal(text.ReplaceLineEndings("\r\n"), text);
    }

    private const string ActivationMembers = """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(32, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), head = Linear(64, 10);
            private readonly Sigmoid act = {|GRAD1001:Sigmoid()|}, last = Sigmoid();
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                x = act.call(fc1.call(x));
                var y = act.call(fc2.call(x)); // two
                x = this.act.forward(this.fc3.forward(y)).contiguous();
                x = act.call(fc4.call(x));
                return head.call(last.call(fc5.call(x)));
            }
        }
        """;

    private static string Loop(string activation, string more) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers;
            public Net() : base("Net")
            {
                var list = new List<Module<Tensor, Tensor>>();
                for (var i = 0; i < 6; i++)
                {
                    list.Add(Linear(64, 64));
                    list.Add({{activation}});{{more}}
                }
                list.Add(Linear(64, 10));
                layers = Sequential(list);
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;

    [Theory]
    [InlineData("what enters a convolution has no name, and LayerNorm needs the size of the image", SharedActivationAndBaseTypes, new[] { Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.InsertBatchNorm })]
    [InlineData("a loop runs through layers of which one has another width", """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(32, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), head = Linear(64, 10);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                foreach (var layer in new[] { fc1, fc2, fc3, fc4, fc5 })
                    x = {|GRAD1001:torch.sigmoid(layer.call(x))|};
                return head.call(x);
            }
        }
        """, new[] { Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization })]
    [InlineData("the widths agree by chance: another caller of the constructor may give others", """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1, fc2, fc3, fc4, fc5, head;
            public Net(int a = 64, int b = 64) : base("Net")
            {
                fc1 = Linear(a, b);
                fc2 = Linear(b, a);
                fc3 = Linear(a, b);
                fc4 = Linear(b, a);
                fc5 = Linear(a, b);
                head = Linear(b, 10);
                RegisterComponents();
            }
            public override Tensor forward(Tensor x)
            {
                x = {|GRAD1001:torch.sigmoid(fc1.call(x))|};
                x = torch.sigmoid(fc2.call(x));
                x = torch.sigmoid(fc3.call(x));
                x = torch.sigmoid(fc4.call(x));
                x = torch.sigmoid(fc5.call(x));
                return head.call(x);
            }
        }
        """, new[] { Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.InsertBatchNorm, Fixer.InsertLayerNorm })]
    [InlineData("a block lies between the skip connection's ends", """
        class Block : Module<Tensor, Tensor>
        {
            private readonly Linear a = Linear(64, 64), b = Linear(64, 64);
            public Block() : base("Block") => RegisterComponents();
            public override Tensor forward(Tensor x) => b.call(a.call(x).cos());
        }
        class Net : Module<Tensor, Tensor>
        {
            private readonly Block b1 = new(), b2 = new(), b3 = new(), b4 = new();
            private readonly Linear head = Linear(64, 10);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                x = {|GRAD1001:torch.sigmoid(b1.call(x))|};
                x = torch.sigmoid(b2.call(x));
                x = torch.sigmoid(b3.call(x));
                x = torch.sigmoid(b4.call(x));
                return head.call(x);
            }
        }
        """, new[] { Fixer.InsertBatchNorm })]
    [InlineData("one of two variables of a declaration cannot change its type", """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), head = Linear(64, 10);
            private readonly Sigmoid hidden = {|GRAD1001:Sigmoid()|}, last = Sigmoid();
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                foreach (var layer in new[] { fc1, fc2, fc3, fc4, fc5 })
                    x = hidden.call(layer.call(x));
                return last.call(head.call(x));
            }
        }
        """, new string[0])]
    public async Task Not_offered(string why, string source, string[] offered)
    {
        _ = why;
        var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer>
        {
            OfferedEquivalenceKeys = offered,
            CodeActionEquivalenceKey = "none of them",
            TestCode = Usings + source,
            FixedCode = Usings + source,
        };
        await test.RunAsync();
    }

    public static TheoryData<string, string> Shapes()
    {
        const string forward = "public override Tensor forward(Tensor x) => layers.call(x);";
        string[] shapes =
        [
            $$"""class Net : Module<Tensor, Tensor> { private readonly Sequential layers; public Net() : base("Net") { layers = Sequential({{Stack(5, "Sigmoid()")}}); RegisterComponents(); } {{forward}} }""",
            $$"""class Net : Module<Tensor, Tensor> { private readonly Module<Tensor, Tensor> layers; public Net(string name) : base(name) { this.layers = nn.Sequential({{Stack(5, "Sigmoid()")}}); RegisterComponents(); } public Net() : this("Net") { } {{forward}} }""",
            $$"""class Net : Module<Tensor, Tensor> { private Sequential layers { get; } = Sequential({{Stack(5, "Sigmoid()")}}); public Net() : base("Net") { RegisterComponents(); } {{forward}} }""",
            $$"""namespace A.B { static class Outer<T> { internal sealed class Net : Module<Tensor, Tensor> { private readonly Sequential layers = Sequential({{Stack(5, "Sigmoid()")}}); public Net() : base("Net") => RegisterComponents(); {{forward}} } } }""",
            $$"""class Trainer { public void Run() { var module = 1; var linear = 2; var net = Sequential({{Stack(5, "Sigmoid()")}}).to(torch.CPU); Console.WriteLine(net.ToString() + module + linear); } }""",
            $$"""class Trainer { private Sequential net = Sequential(); public Trainer() { net = Sequential({{Stack(5, "Sigmoid()")}}); } }""",
            $$"""
            class Trainer
            {
            #if DEBUG
                private readonly int unused;
            #endif
                public Sequential Make()
                {
            #region the model
                    return Sequential({{Stack(5, "Sigmoid()")}}); // made
            #endregion
                }
            }
            """,
        ];
        var cases = new TheoryData<string, string>();
        foreach (var key in (string[])[Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.InsertBatchNorm, Fixer.InsertLayerNorm])
        {
            foreach (var shape in shapes)
                cases.Add(key, shape);
        }

        return cases;
    }

    /// <summary>Whatever shape the code has: what is offered compiles, silences the rule, and is not offered again.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Every_shape_is_repaired(string key, string source)
    {
        var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { TestCode = Usings + source, CodeActionEquivalenceKey = key };
        var repaired = await test.FixedSourceAsync();
        Assert.NotEqual(Usings + source, repaired);
        Assert.Contains(
            key switch
            {
                Fixer.InsertBatchNorm => "BatchNorm1d(64)",
                Fixer.InsertLayerNorm => "LayerNorm(64)",
                Fixer.UseEluWithFittingInitialization => "1.2452 / Math.Sqrt(",
                Fixer.UseGeluWithFittingInitialization => "1.48 / Math.Sqrt(",
                _ => "kaiming_normal_",
            },
            repaired);
        await CSharpAnalyzerVerifier<NetworkAnalyzer>.VerifyAnalyzerAsync(repaired);
    }

    [Fact]
    public async Task Half_typed_code_is_repaired_or_left_alone()
    {
        var offered = 0;
        var sources = BrokenCode.Mutations(Usings + Members.Replace("{|GRAD1001:", "").Replace("|}", "")).Where((_, i) => i % 9 == 0);
        foreach (var source in sources)
        {
            var test = new CSharpCodeFixTest<NetworkAnalyzer, Fixer>();
            offered += await test.CountChangesAsync(source);
        }

        Assert.True(offered > 0);
    }

    private static Task Verify(string key, string source, string fixedSource, OutputKind kind = OutputKind.DynamicallyLinkedLibrary, string usings = Usings) =>
        new CSharpCodeFixTest<NetworkAnalyzer, Fixer> { CodeActionEquivalenceKey = key, OutputKind = kind, TestCode = usings + source, FixedCode = usings + fixedSource }.RunAsync();
}
