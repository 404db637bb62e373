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

    /// <summary>Ratios of times in one run, never times: the machine is not ours. Best of many, taken in turns, while the runtime replaces its
    /// first, slow code.</summary>
    [Theory]
    [InlineData("relu")]
    [InlineData("gelu")]
    public void CostIsLinearInDepth(string name)
    {
        var activation = Oracle.SpecNetwork.Activation(name);
        var (shallow, deep) = (Chain(50, activation), Chain(400, activation));
        var (few, many) = (double.MaxValue, double.MaxValue);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 500 || clock.Elapsed.TotalSeconds < 2; i++)
        {
            few = Math.Min(few, Microseconds(shallow));
            many = Math.Min(many, Microseconds(deep));
            if (clock.Elapsed.TotalSeconds > 20)
                break;
        }

        output.WriteLine($"{name}: 50 layers {few:0.0} us, 400 layers {many:0.0} us");
        Assert.InRange(many / few, 2, 24); // 8 if linear, 64 if quadratic
    }

    private static double Microseconds(Network network)
    {
        var start = Stopwatch.GetTimestamp();
        Prediction.Of(network);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }
}
