using GradLint.Analyzers;
using GradLint.Analyzers.Reading;
using GradLint.SignalPropagation;
using GradLint.Testing;
using Microsoft.CodeAnalysis;

namespace GradLint.CodeFixes.Tests;

public class HealingTests
{
    private const string Usings = """
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;

        """;

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
                x = torch.sigmoid(fc3.call(torch.sigmoid(fc2.call(torch.sigmoid(fc1.call(x))))));
                return head.call(fc6.call(fc5.call(fc4.call(x).sigmoid()).sigmoid()).sigmoid());
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

    private const string Convolutions = """
        public class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d c1 = Conv2d(3, 16, 3, padding: 1), c2 = Conv2d(16, 16, 3, padding: 1), c3 = Conv2d(16, 16, 3, padding: 1), c4 = Conv2d(16, 16, 3, padding: 1), c5 = Conv2d(16, 16, 3, padding: 1);
            private readonly Linear head = Linear(16 * 64, 10);

            public Net() : base("Net") => RegisterComponents();

            public override Tensor forward(Tensor x)
            {
                x = torch.sigmoid(c3.call(torch.sigmoid(c2.call(torch.sigmoid(c1.call(x))))));
                x = torch.sigmoid(c5.call(torch.sigmoid(c4.call(x))));
                return head.call(x.flatten(1));
            }
        }
        """;

    public static TheoryData<string, string, long[]> Cases()
    {
        var cases = new TheoryData<string, string, long[]>();
        foreach (var key in (string[])[GRAD1001_SaturatingActivationsVanishGradientFixer.UseReluWithKaiming, GRAD1001_SaturatingActivationsVanishGradientFixer.UseLeakyReluWithKaiming, GRAD1001_SaturatingActivationsVanishGradientFixer.InsertBatchNorm])
        {
            cases.Add(key, Sigmoids, [64]);
            cases.Add(key, Members, [64]);
            cases.Add(key, Tanhs, [64]);
            cases.Add(key, Convolutions, [3, 8, 8]);
        }

        return cases;
    }

    /// <summary>Before: the fault that the warning names, of the size that it says. After: a gradient that arrives, and no warning.</summary>
    [TorchTheory]
    [MemberData(nameof(Cases))]
    public async Task Every_repair_heals(string key, string source, long[] inputShape)
    {
        var (before, _) = Healing.EndToEndGradientRatio(Healing.Compile(Usings + source), inputShape);
        var (warning, predicted) = await PredictedAsync(Usings + source, inputShape);
        Assert.NotNull(warning);
        Assert.True(before < -2.5, $"measured 10^{before:F2} before");
        Assert.True(Math.Abs(before - predicted!.Value) < 0.5, $"predicted 10^{predicted:F2}, measured 10^{before:F2} before");

        var test = new CSharpCodeFixTest<NetworkAnalyzer, GRAD1001_SaturatingActivationsVanishGradientFixer> { TestCode = Usings + source, CodeActionEquivalenceKey = key };
        var repaired = await test.FixedSourceAsync();
        var (after, geometry) = Healing.EndToEndGradientRatio(Healing.Compile(repaired), inputShape);
        Assert.True(Math.Abs(after - geometry) < 1.5, $"measured 10^{after:F2} after{Environment.NewLine}{repaired}");
        var (remaining, repredicted) = await PredictedAsync(repaired, inputShape);
        Assert.Null(remaining);
        Assert.True(repredicted is null || Math.Abs(after - repredicted.Value) < 0.5, $"predicted 10^{repredicted:F2}, measured 10^{after:F2} after");
    }

    private static async Task<(Diagnostic? Warning, double? Predicted)> PredictedAsync(string source, long[] inputShape)
    {
        var test = new CSharpAnalyzerTest<NetworkAnalyzer>();
        var project = test.CreateProject([("/0/Net.cs", source)]);
        var (all, _) = await CSharpAnalyzerTest<NetworkAnalyzer>.GetDiagnosticsAsync(project, default);
        var compilation = (await project.GetCompilationAsync())!;
        var reader = new NetworkReader(compilation, TorchSharpSymbols.TryResolve(compilation)!);
        var read = reader.Read(compilation.GetTypeByMetadataName("Net")!, default);
        return (all.SingleOrDefault(), Prediction.Of(read!.Network, new PredictionOptions { InputSpatial = Sizes.Of([.. inputShape.Skip(1).Select(s => (int?)s)]) }).EndToEndGradientRatio);
    }
}
