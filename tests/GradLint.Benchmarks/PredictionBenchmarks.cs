using BenchmarkDotNet.Attributes;
using GradLint.SignalPropagation;

namespace GradLint.Benchmarks;

/// <summary>A prediction runs at every keystroke: its cost must be small and linear in the depth.</summary>
public class PredictionBenchmarks
{
    private Network _network = null!;

    /// <summary>Weight layers.</summary>
    [Params(12, 50, 100)]
    public int Depth { get; set; }

    [ParamsSource(nameof(Activations))]
    public string ActivationName { get; set; } = "";

    public static IEnumerable<string> Activations => [nameof(Activation.Sigmoid), nameof(Activation.ReLU), nameof(Activation.GELU)];

    [GlobalSetup]
    public void Build()
    {
        var activation = ActivationName switch
        {
            nameof(Activation.Sigmoid) => Activation.Sigmoid,
            nameof(Activation.ReLU) => Activation.ReLU,
            _ => Activation.GELU,
        };
        var builder = new NetworkBuilder("Mlp");
        var x = builder.Input(64);
        for (int layer = 1; layer < Depth; layer++)
            x = builder.Activation(builder.Linear(x, 64, 64, path: $"fc{layer}"), activation);
        _network = builder.Build(builder.Linear(x, 64, 10, path: "head"));
    }

    [Benchmark]
    public double? Predict() => Prediction.Of(_network).EndToEndGradientRatio;
}
