using System.Diagnostics;
using GradLint.SignalPropagation.Moments;
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
    [InlineData("unknown")]
    public void CostIsLinearInDepth(string name)
    {
        var activation = name == "unknown" ? Activation.Unknown : Oracle.SpecNetwork.Activation(name);
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

    /// <summary>Of an unknown number of rounds, what they agree on is looked up, not searched for.</summary>
    [Fact]
    public void CostIsLinearInLayersBesideAnUnknownLoop()
    {
        var (shallow, deep) = (BesideALoop(50), BesideALoop(400));
        var (few, many) = (double.MaxValue, double.MaxValue);
        var clock = Stopwatch.StartNew();
        for (var i = 0; (i < 50 || clock.Elapsed.TotalSeconds < 1) && clock.Elapsed.TotalSeconds < 20; i++)
        {
            few = Math.Min(few, Microseconds(shallow));
            many = Math.Min(many, Microseconds(deep));
        }

        output.WriteLine($"50 layers {few:0.0} us, 400 layers {many:0.0} us");
        Assert.InRange(many / few, 2, 24);

        static Network BesideALoop(int layers)
        {
            var b = new NetworkBuilder("BesideALoop");
            var x = b.Input(64, Sizes.None);
            for (var i = 0; i < layers; i++)
                x = b.Activation(b.Linear(x, 64, 64, path: $"layers.{i}"), Activation.ReLU);
            using (b.Repeat(null))
                x = b.Activation(b.Linear(x, 64, 64, path: "rounds.*"), Activation.ReLU);
            return b.Build(b.Linear(x, 64, 10, path: "head"));
        }
    }

    [Fact]
    public void NothingIsPredictedForSomebodyWhoHasGone()
    {
        var gone = new CancellationToken(canceled: true);
        Assert.ThrowsAny<OperationCanceledException>(() => Prediction.Of(Chain(2, Activation.ReLU), null, gone));
        Assert.ThrowsAny<OperationCanceledException>(() => Prediction.Of(Recurrent(1), null, gone));
    }

    /// <summary>A busy machine may let any one of them wait, and none of them is faster than the prediction.</summary>
    [Theory]
    [InlineData("5,000 layers")]
    [InlineData("64 LSTM of 128 steps")]
    public void CancellationIsHeard(string name)
    {
        var network = name.Contains("LSTM", StringComparison.Ordinal) ? Recurrent(64) : Chain(5_000, Activation.Sigmoid);
        var times = new List<double>();
        while (times.Count < 20 && (times.Count < 3 || times.Min() > 100))
        {
            using var cancellation = new CancellationTokenSource();
            var predicting = Task.Run(() =>
            {
                while (true)
                    Prediction.Of(network, null, cancellation.Token);
            });
            Thread.Sleep(50);
            var clock = Stopwatch.StartNew();
            cancellation.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => predicting.GetAwaiter().GetResult());
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        output.WriteLine($"{string.Join(", ", times.Select(t => t.ToString("0.0")))} ms from the cancellation to the end");
        Assert.True(times.Min() < 100, $"{times.Min()} ms");
    }

    private static Network Recurrent(int layers)
    {
        var b = new NetworkBuilder("Recurrent");
        var x = b.Input(16, Sizes.Of(128));
        x = b.Add(Oracle.SpecNetwork.Recurrent("LSTM", 16, 64, []) with { Layers = layers }, x, path: "rnn");
        return b.Build(b.Linear(x, 64, 10, path: "head"));
    }

    public static TheoryData<string> Activations =>
        ["sigmoid", "tanh", "relu", "leaky_relu(0.2)", "elu(1)", "selu", "gelu", "silu", "softplus", "mish", "softsign", "hardtanh(-1,1)", "relu6", "hardswish"];

    /// <summary>Benchmarks say 30 to 45 microseconds; ten times that is no matter of a busy machine.</summary>
    [Theory]
    [MemberData(nameof(Activations))]
    public void FiftyLayersTakeMicroseconds(string name)
    {
        var network = Chain(50, Oracle.SpecNetwork.Activation(name));
        var best = double.MaxValue;
        var clock = Stopwatch.StartNew();
        for (var i = 0; (i < 200 || best > 400) && clock.Elapsed.TotalSeconds < 20; i++)
            best = Math.Min(best, Microseconds(network));
        output.WriteLine($"{name}: {best:0.0} us");
        Assert.InRange(best, 0, 400);
    }

    /// <summary>What a table costs is counted: fewer than 200 knots of fewer than 400 points, each some 66 multiplications and two calls.</summary>
    [Theory]
    [MemberData(nameof(Activations))]
    public void ATableHasABoundedNumberOfPoints(string name)
    {
        var activation = Oracle.SpecNetwork.Activation(name);
        var kinks = ActivationFunction.Kinks(activation.Kind, activation.A ?? 0, activation.B ?? 0);
        for (var exponent = -12.0; exponent <= 12; exponent += 0.125)
            Assert.InRange(GaussianQuadrature.For(Math.Pow(10, exponent), kinks).Z.Length, 12, 400);
    }

    /// <summary>The whole of a table, every knot of it, takes 3 to 12 ms.</summary>
    [Fact]
    public void ATableIsBuiltInMilliseconds()
    {
        var best = double.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var table = new TabulatedMoments(ActivationKind.GELU, 0, 0);
            var start = Stopwatch.GetTimestamp();
            for (var exponent = -11.8; exponent < 11.8; exponent += 0.125)
                table.Unit(Math.Pow(10, exponent));
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        output.WriteLine($"{best:0.0} ms");
        Assert.InRange(best, 0, 200);
    }

    private static double Microseconds(Network network)
    {
        var start = Stopwatch.GetTimestamp();
        Prediction.Of(network);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }
}
