using System.Globalization;
using GradLint.Probe;
using GradLint.SignalPropagation;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace GradLint.Analyzers.Tests.Reality;

/// <summary>Gradients predicted from the source against those of the network that runs, for networks that are one chain of layers.</summary>
[Collection(Run.Alone)]
public class GradientTests(ITestOutputHelper output)
{
    // Decades: what theory and a mean over a few seeds may differ by where the prediction's own band is narrower.
    private const double Tolerance = 0.3;

    private static readonly ProbeOptions Seeds = new() { Seeds = [0, 1, 2] };

    private sealed record Row(string Class, string Layer, double Predicted, double Measured, double Band)
    {
        public bool Agrees => Math.Abs(Predicted - Measured) <= Math.Max(Tolerance, Band);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{(Agrees ? "  " : "! ")}{Class}  {Layer}  predicted {Predicted:0.00} ±{Band:0.00}, measured {Measured:0.00}");
    }

    [TorchFact]
    public void Gradients_are_as_predicted()
    {
        var rows = Architecture.All.Select(Compare).Where(rows => rows.Count > 0).ToList();

        var report = string.Join('\n', rows.SelectMany(r => r).OrderByDescending(r => Math.Abs(r.Predicted - r.Measured)));
        output.WriteLine($"{rows.Count} networks, {rows.Sum(r => r.Count)} layers\n{report}");
        Assert.True(rows.Count >= 20, $"{rows.Count} networks");
        Assert.True(rows.All(r => r.TrueForAll(l => l.Agrees)), report);
    }

    private static List<Row> Compare(Architecture architecture)
    {
        if (Sources.Read(architecture.Class) is not { } read || !IsChain(read.Network) || Sources.Runnable.GetType(architecture.Class)!.IsAssignableTo(typeof(nn.Module<Tensor, Tensor>)) == false)
            return [];
        using var scope = NewDisposeScope();
        manual_seed(1);
        var input = Batch(architecture);
        if (!input.is_floating_point())
            return [];
        var shape = OutputShape(architecture, input);
        var classifies = shape.Length == 2 && shape[1] > 1;
        var prediction = Prediction.Of(read.Network, new()
        {
            BatchSize = (int)input.shape[0],
            InputSpatial = Sizes.Of([.. input.shape.Skip(2).Select(s => (int?)s)]),
            Loss = classifies ? TrainingLoss.CrossEntropy : TrainingLoss.MeanSquaredError,
        });
        if (prediction.EndToEndGradientRatio is null)
            return [];

        var target = classifies ? randint(0, shape[1], [shape[0]]) : randn(shape);
        var report = GradientProbe.Measure(() => (nn.Module<Tensor, Tensor>)Run.Make(architecture), (input, target), classifies ? nn.CrossEntropyLoss() : nn.MSELoss(), Seeds);
        return [.. from layer in prediction.Layers
                   where layer.GradientRatio is not null

                   // The probe watches modules: what a model multiplies with itself is none.
                   where read.Layers.All(l => l.Path != layer.Path || l.Operation is not Operation.LearnedTensor)
                   let measured = report.Layers.Single(l => l.Path == layer.Path).GradientRatio
                   // The probe watches a recurrent layer's output; a network that goes on with the last state alone leaves that without a gradient.
                   where measured is not null
                   select new Row(architecture.Class, layer.Path!, layer.GradientRatio!.Value, measured.Value.Mean, layer.GradientBand ?? 0)];
    }

    private static long[] OutputShape(Architecture architecture, Tensor input)
    {
        using var quiet = no_grad();
        using var model = (nn.Module<Tensor, Tensor>)Run.Make(architecture);
        return [input.shape[0], .. model.call(input[..4]).shape.Skip(1)];
    }

    private static bool IsChain(Network network) =>
        network.Nodes.All(n => n.Inputs.Count <= 1 && n.Operation is not Operation.Opaque)
        && network.Nodes.Where(n => n.Operation.IsWeightLayer).GroupBy(n => n.Path).All(g => g.Count() == 1);

    /// <summary>At least 64 samples: normalization takes its statistics over them.</summary>
    private static Tensor Batch(Architecture architecture)
    {
        var samples = new List<Tensor>();
        for (var count = 0L; count < 64; count += samples[0].shape[0])
            samples.Add(architecture.Inputs()[0]);
        return cat(samples, 0);
    }
}
