using GradLint.Probe.Live;
using GradLint.SignalPropagation;
using TorchSharp;
using TorchSharp.Modules;
using Xunit.Abstractions;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Probe.Tests.Live;

public class Explore(ITestOutputHelper output)
{
    [TorchFact]
    public void All()
    {
        Show("cnnf", LiveModels.CnnOfFunctions, () => randn(32, 3, 16, 16));
        Show("res", () => LiveModels.Residual(), () => randn(64, 64));
        Show("bn", () => Sequential(Linear(64, 64), BatchNorm1d(64), ReLU(), Dropout(0.2), Linear(64, 64), BatchNorm1d(64), ReLU(), Linear(64, 10)), () => randn(64, 64));
        Show("cat", () => new Written((n, x) => { var a = relu(n["a", x]); var b = relu(n["b", a]); return n["head", cat([a, b], 1)]; }, ("a", Linear(64, 32)), ("b", Linear(32, 48)), ("head", Linear(80, 10))), () => randn(64, 64));
        Show("custom", () => new Written((n, x) => n["b", n["a", x].pow(3)], ("a", Linear(64, 64)), ("b", Linear(64, 10))), () => randn(64, 64));
        Show("shared", () => new Written((n, x) => n["head", tanh(n["a", tanh(n["a", x])])], ("a", Linear(64, 64)), ("head", Linear(64, 10))), () => randn(64, 64));
    }

    private void Show(string title, Func<Module<Tensor, Tensor>> make, Func<Tensor> data)
    {
        manual_seed(1);
        using var x = data();
        using var y = randint(0, 10, [x.shape[0]]);
        LiveReading? live;
        using (var model = make())
            live = LiveNetwork.Read(model, () => model.call(x).Dispose());
        output.WriteLine($"== {title}\n{live?.Network.ToText()} batch {live?.Options.BatchSize} moment {live?.Options.InputSecondMoment} corr {live?.Options.InputCorrelation}");
        if (live is null)
            return;
        var prediction = Prediction.Of(live.Network, live.Options);
        var report = GradientProbe.Measure(make, (x, y), CrossEntropyLoss());
        foreach (var layer in report.Layers)
        {
            var row = prediction.Layers.FirstOrDefault(l => l.Path == layer.Path);
            output.WriteLine($"{layer.Path,-10} measured {layer.GradientRatio?.Mean:F2} predicted {row?.GradientRatio:F2} band {row?.GradientBand:F2} {row?.UnknownBecause}");
        }
    }
}
