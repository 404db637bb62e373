using GradLint.Analyzers;
using GradLint.Testing;
using GradLint.SignalPropagation;
using Xunit.Abstractions;
namespace GradLint.CodeFixes.Tests;
public class Temp(ITestOutputHelper output)
{
    [Fact]
    public void Print()
    {
        foreach (var (f, n) in new[] { (Activation.Sigmoid, 6), (Activation.Tanh, 13), (Activation.ReLU, 12), (Activation.GELU, 12) })
        {
            var b = new NetworkBuilder("Net");
            var x = b.Input(64);
            for (var i = 0; i < n; i++) { var h = b.Linear(x, 64, 64, path: "fc" + i); h = b.Activation(h, f); x = b.Add(new Operation.Add(), [x, h]); }
            x = b.Linear(x, 64, 10, path: "head");
            var p = Prediction.Of(b.Build(x));
            output.WriteLine($"{f.Name} = {p.EndToEndSignalRatio} {p.EndToEndNormRatio} {p.EndToEndGradientRatio} = growth {p.ForwardGrowth} {p.Layers[0].GradientBand}");
        }
    }
}
