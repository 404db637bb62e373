using System.Diagnostics;
using Xunit.Abstractions;

namespace GradLint.SignalPropagation.Tests;

public class PerformanceTests(ITestOutputHelper output)
{
    private static Network Chain(int layers, Activation activation)
    {
        var b = new NetworkBuilder("Chain");
        var x = b.Input(64, Sizes.None);
        for (var i = 1; i < layers; i++)
            x = b.Activation(b.Linear(x, 64, 64, path: $"layers.{i}"), activation);
        return b.Build(b.Linear(x, 64, 10, path: "head"));
    }

    // Best of several runs: what the machine can do when nobody disturbs it.
    private static double Microseconds(Action action, int rounds = 200)
    {
        for (var i = 0; i < rounds; i++)
            action();
        Thread.Sleep(300); // lets the runtime replace its first, slow code
        var best = double.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return best;
    }

    [Theory]
    [InlineData("relu")]
    [InlineData("gelu")]
    public void CostIsLinearInDepth(string name)
    {
        var activation = Oracle.SpecNetwork.Activation(name);
        var (shallow, deep) = (Chain(50, activation), Chain(400, activation));
        var many = Microseconds(() => Prediction.Of(deep));
        var few = Microseconds(() => Prediction.Of(shallow));
        output.WriteLine($"{name}: 50 layers {few:0.0} us, 400 layers {many:0.0} us");
        Assert.InRange(many / few, 1, 16); // 8 if linear, 64 if quadratic
    }
}
