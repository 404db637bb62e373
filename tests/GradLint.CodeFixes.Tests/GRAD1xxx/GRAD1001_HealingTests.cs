using Fixer = GradLint.CodeFixes.GRAD1001_SaturatingActivationsVanishGradientFixer;

namespace GradLint.CodeFixes.Tests;

/// <summary>Every alternative that is offered for a stack of saturating activations heals it on the running network.</summary>
public class GRAD1001_HealingTests
{
    private const string Sigmoids = """
        public class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(
                Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(),
                Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 64), Sigmoid(), Linear(64, 10));

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;

    private const string Members = """
        public class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), fc6 = Linear(64, 64), head = Linear(64, 10);

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x)
            {
                x = torch.sigmoid(fc1.call(x));
                x = functional.sigmoid(fc2.call(x));
                x = fc3.call(x).sigmoid();
                x = torch.sigmoid(fc4.forward(x));
                x = fc5.call(x).sigmoid_();
                return head.call(fc6.call(x).sigmoid());
            }
        }
        """;

    private const string Tanhs = """
        public class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential(
                Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(),
                Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 10));

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;

    private const string TanhInLoop = """
        public class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(32, 64), head = Linear(64, 10);
            private readonly ModuleList<Linear> layers = new();

            public Net(int depth = 14, int width = 64) : base("Net")
            {
                for (var i = 0; i < depth; i++)
                    layers.Add(Linear(width, width));
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                x = torch.tanh(first.call(x));
                foreach (var layer in layers)
                    x = torch.tanh(layer.call(x));
                return head.call(x);
            }
        }
        """;

    private const string SharedActivation = """
        public class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(32, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 64), fc5 = Linear(64, 64), fc6 = Linear(64, 64), head = Linear(64, 10);
            private readonly Sigmoid act = Sigmoid();

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x)
            {
                x = act.call(fc1.call(x));
                x = act.call(fc2.call(x));
                x = act.call(fc3.call(x));
                x = act.call(fc4.call(x));
                x = act.call(fc5.call(x));
                return head.call(act.call(fc6.call(x)));
            }
        }
        """;

    private const string Convolutions = """
        public class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d c1 = Conv2d(3, 16, 3, padding: 1), c2 = Conv2d(16, 16, 3, padding: 1), c3 = Conv2d(16, 16, 3, padding: 1), c4 = Conv2d(16, 16, 3, padding: 1), c5 = Conv2d(16, 16, 3, padding: 1);
            private readonly Linear head = Linear(16 * 64, 10);

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x)
            {
                x = torch.sigmoid(c1.call(x));
                x = torch.sigmoid(c2.call(x));
                x = torch.sigmoid(c3.call(x));
                x = torch.sigmoid(c4.call(x));
                x = torch.sigmoid(c5.call(x));
                return head.call(x.flatten(1));
            }
        }
        """;

    private static readonly (string Source, long[] InputShape, string[] Offered)[] Networks =
    [
        (Sigmoids, [64], [Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.InsertBatchNorm, Fixer.InsertLayerNorm]),
        (Members, [64], [Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.InsertBatchNorm, Fixer.InsertLayerNorm, Fixer.AddSkipConnections]),
        (Tanhs, [64], [Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.InsertBatchNorm, Fixer.InsertLayerNorm]),
        (TanhInLoop, [32], [Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.AddSkipConnections]),
        (SharedActivation, [32], [Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.InsertBatchNorm, Fixer.InsertLayerNorm, Fixer.AddSkipConnections]),
        (Convolutions, [3, 8, 8], [Fixer.UseReluWithKaiming, Fixer.UseLeakyReluWithKaiming, Fixer.UseEluWithFittingInitialization, Fixer.UseGeluWithFittingInitialization, Fixer.InsertBatchNorm, Fixer.AddSkipConnections]),
    ];

    public static TheoryData<string, string, long[]> Repairs()
    {
        var cases = new TheoryData<string, string, long[]>();
        foreach (var (source, inputShape, offered) in Networks)
        {
            foreach (var key in offered)
                cases.Add(key, source, inputShape);
        }

        return cases;
    }

    public static TheoryData<string, string[]> Alternatives()
    {
        var cases = new TheoryData<string, string[]>();
        foreach (var (source, _, offered) in Networks)
            cases.Add(source, offered);
        return cases;
    }

    [TorchTheory]
    [MemberData(nameof(Repairs))]
    public Task Every_repair_heals(string key, string source, long[] inputShape) => HealingVerifier.VerifyAsync<Fixer>("GRAD1001", key, source, inputShape, fault: -2.5);

    /// <summary>Normalization has no place where a loop runs over layers, nor LayerNorm between convolutions, nor a skip connection in a Sequential.</summary>
    [Theory]
    [MemberData(nameof(Alternatives))]
    public async Task What_heals_is_offered_in_the_order_of_safety(string source, string[] offered) =>
        Assert.Equal(offered, await new CSharpCodeFixTest<GradLint.Analyzers.NetworkAnalyzer, Fixer>().OfferedAsync(NetworkSource.Usings + source));

    /// <summary>A parameter has no weight that could be initialized: what would not compile is not offered.</summary>
    [Fact]
    public async Task MatricesByHandAreReportedAndNotRewritten()
    {
        const string Source = """
            public class Net : Module<Tensor, Tensor>
            {
                private readonly Parameter w1 = Parameter(randn(64, 64) * 0.1), w2 = Parameter(randn(64, 64) * 0.1), w3 = Parameter(randn(64, 64) * 0.1),
                    w4 = Parameter(randn(64, 64) * 0.1), w5 = Parameter(randn(64, 64) * 0.1), w6 = Parameter(randn(64, 10) * 0.1);

                public Net() : base("Net") => RegisterComponents();

                public override Tensor forward(Tensor x)
                {
                    x = sigmoid(matmul(x, w1));
                    x = sigmoid(matmul(x, w2));
                    x = sigmoid(matmul(x, w3));
                    x = sigmoid(matmul(x, w4));
                    return matmul(sigmoid(matmul(x, w5)), w6);
                }
            }
            """;
        var test = new CSharpCodeFixTest<GradLint.Analyzers.NetworkAnalyzer, Fixer>();
        Assert.Empty(await test.OfferedAsync(NetworkSource.Usings + Source));
        Assert.Contains(await new CSharpAnalyzerTest<GradLint.Analyzers.NetworkAnalyzer>().ReportedAsync(NetworkSource.Usings + Source), d => d.Id == "GRAD1001");
    }
}
