using BenchmarkDotNet.Attributes;
using GradLint.SignalPropagation;

namespace GradLint.Benchmarks;

/// <summary>A prediction runs at every keystroke: its cost must be small and linear in the depth.</summary>
[MemoryDiagnoser]
public class PredictionBenchmarks
{
    private static readonly Dictionary<string, Activation> Functions = new()
    {
        ["sigmoid"] = Activation.Sigmoid,
        ["tanh"] = Activation.Tanh,
        ["relu"] = Activation.ReLU,
        ["leaky_relu"] = Activation.LeakyReLU(0.2),
        ["elu"] = Activation.ELU(1),
        ["selu"] = Activation.SELU,
        ["gelu"] = Activation.GELU,
        ["silu"] = Activation.SiLU,
        ["softplus"] = Activation.Softplus(),
        ["mish"] = Activation.Mish,
        ["softsign"] = Activation.Softsign,
        ["hardtanh"] = Activation.Hardtanh(-1, 1),
    };

    private Network _network = null!;

    /// <summary>Weight layers.</summary>
    [Params(50, 100)]
    public int Depth { get; set; }

    [ParamsSource(nameof(Activations))]
    public string ActivationName { get; set; } = "";

    public static IEnumerable<string> Activations => Functions.Keys;

    [GlobalSetup]
    public void Build() => _network = Mlp(Depth, Functions[ActivationName]);

    [Benchmark]
    public double? Predict() => Prediction.Of(_network).EndToEndGradientRatio;

    internal static Network Mlp(int depth, Activation activation)
    {
        var builder = new NetworkBuilder("Mlp");
        var x = builder.Input(64);
        for (int layer = 1; layer < depth; layer++)
            x = builder.Activation(builder.Linear(x, 64, 64, path: $"fc{layer}"), activation);
        return builder.Build(builder.Linear(x, 64, 10, path: "head"));
    }
}

/// <summary>The first prediction with an activation builds the part of its table that the network visits: each call here has a parameter that none
/// had before.</summary>
public class FirstUseBenchmarks
{
    private double _alpha = 1;

    [Benchmark]
    public double? PredictWithANewTable() => Prediction.Of(PredictionBenchmarks.Mlp(50, Activation.CELU(_alpha += 1e-6))).EndToEndGradientRatio;
}
