using System.Diagnostics;

namespace GradLint.SignalPropagation.Tests;

public class BadInputTests
{
    private static readonly int?[] OddWidths = [null, 0, -1, int.MinValue, int.MaxValue, 1, 64];
    private static readonly double?[] OddNumbers = [null, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -1, 1e300, 1e-300, 0.5];

    private static readonly Initializer[] OddInitializers =
    [
        Initializer.Default, Initializer.Unknown, Initializer.Zeros, Initializer.Ones, Initializer.Eye, Initializer.Orthogonal(), Initializer.XavierNormal(),
        Initializer.Uninitialized, Initializer.DefaultRecurrent, .. OddNumbers.Select(x => Initializer.Normal(0, x)), .. OddNumbers.Select(x => Initializer.Constant(x)),
        .. OddNumbers.Select(x => Initializer.KaimingNormal(x)), .. OddNumbers.Select(x => Initializer.Normal(x, 0.1)),
    ];

    private static void IsDefined(Prediction prediction)
    {
        foreach (var layer in prediction.Layers)
        {
            foreach (var exponent in new[] { layer.GradientRatio, layer.SignalRatio, layer.NormRatio, layer.GeometryShare, layer.WeightRatio, layer.Scale })
            {
                if (exponent is { } x)
                    Assert.InRange(x, -Prediction.SaturatedExponent, Prediction.SaturatedExponent);
            }

            foreach (var positive in new[] { layer.Factor, layer.GradientBand, layer.WeightBand, layer.ScaleBand })
            {
                if (positive is { } x)
                    Assert.True(x >= 0 && !double.IsInfinity(x));
            }

            if (layer.GradientRatio is null || layer.WeightRatio is null || layer.Scale is null)
                Assert.False(string.IsNullOrEmpty(layer.UnknownBecause));
        }

        if (prediction.EndToEndGradientRatio is null)
            Assert.False(string.IsNullOrEmpty(prediction.UnknownBecause));
        Assert.DoesNotContain("NaN", prediction.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void AnEmptyNetwork()
    {
        var prediction = Prediction.Of(new NetworkBuilder("Empty").Build());
        Assert.Empty(prediction.Layers);
        Assert.Null(prediction.EndToEndGradientRatio);
        Assert.Null(prediction.ForwardGrowth);
        Assert.Equal("the network is empty", prediction.UnknownBecause);
        Assert.Equal("Empty\n", new NetworkBuilder("Empty").Build().ToText());
    }

    [Fact]
    public void ANetworkWithoutWeights()
    {
        var b = new NetworkBuilder("Net");
        Assert.Equal("no weight layer leads to the output", Prediction.Of(b.Build(b.Activation(b.Input(), Activation.ReLU))).UnknownBecause);
    }

    [Fact]
    public void OneLayer()
    {
        var b = new NetworkBuilder("Net");
        var prediction = Prediction.Of(b.Build(b.Linear(b.Input(), 3, 4)));
        Assert.Equal(0, prediction.EndToEndGradientRatio);
        Assert.Empty(prediction.Causes);
        Assert.Equal("", prediction.Explain());
    }

    [Fact]
    public void WidthsThatAreNoWidths()
    {
        foreach (var inFeatures in OddWidths)
        {
            foreach (var outFeatures in OddWidths)
            {
                foreach (var weight in new[] { Initializer.Default, Initializer.XavierUniform(), Initializer.Orthogonal() })
                {
                    var b = new NetworkBuilder("Net");
                    var x = b.Activation(b.Linear(b.Input(inFeatures), inFeatures, outFeatures, weight), Activation.GELU);
                    x = b.Activation(b.BatchNorm(b.Linear(x, outFeatures, inFeatures, weight), inFeatures), Activation.ReLU);
                    IsDefined(Prediction.Of(b.Build(b.Linear(x, inFeatures, outFeatures, weight))));
                }
            }
        }
    }

    [Fact]
    public void VariancesThatAreNoVariances()
    {
        foreach (var weight in OddInitializers)
        {
            foreach (var bias in OddInitializers)
            {
                foreach (var activation in new[] { Activation.ReLU, Activation.Sigmoid, Activation.Exp })
                {
                    var b = new NetworkBuilder("Net");
                    var x = b.Activation(b.Linear(b.Input(), 8, 8, weight, bias), activation);
                    x = b.Activation(b.LayerNorm(b.Linear(x, 8, 8, weight, bias), 8, weight: weight, bias: bias), activation);
                    IsDefined(Prediction.Of(b.Build(b.Linear(x, 8, 3, weight, bias))));
                }
            }
        }
    }

    [Fact]
    public void AssumptionsThatAreNoAssumptions()
    {
        var b = new NetworkBuilder("Net");
        var network = b.Build(b.Linear(b.Activation(b.Linear(b.Input(), 8, 8), Activation.Tanh), 8, 3));
        foreach (var number in OddNumbers)
        {
            foreach (var batch in new[] { int.MinValue, -1, 0, 1, int.MaxValue })
            {
                foreach (TrainingLoss loss in Enum.GetValues<TrainingLoss>())
                {
                    IsDefined(Prediction.Of(network, new PredictionOptions
                    {
                        BatchSize = batch,
                        InputSecondMoment = number ?? 1,
                        InputCorrelation = number ?? 0,
                        Loss = loss,
                        InputSpatial = Sizes.Of(0, -3),
                    }));
                }
            }
        }
    }

    [Fact]
    public void AMillionRounds()
    {
        foreach (var count in new[] { 1_000_000, int.MaxValue })
        {
            var b = new NetworkBuilder("Loop");
            var x = b.Input(8);
            using (b.Repeat(count))
            {
                using (b.Repeat(count))
                    x = b.Activation(b.Linear(x, 8, 8), Activation.Tanh);
            }

            var clock = Stopwatch.StartNew();
            IsDefined(Prediction.Of(b.Build(b.Linear(x, 8, 3))));
            Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        }
    }

    [Fact]
    public void ABlockOfNothingAMillionTimes()
    {
        var b = new NetworkBuilder("Loop");
        var x = b.Input(8);
        using (b.Repeat(int.MaxValue))
        {
            using (b.Repeat(0))
                x = b.Linear(x, 8, 8);
        }

        var clock = Stopwatch.StartNew();
        IsDefined(Prediction.Of(b.Build(b.Linear(x, 8, 3))));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    [Fact]
    public void ABlockThatIsNoChainOfRounds()
    {
        var b = new NetworkBuilder("Loop");
        var (left, right) = (b.Input(8), b.Input(8));
        NodeId x;
        using (b.Repeat(3))
            x = b.Sum(b.Linear(left, 8, 8), b.Linear(right, 8, 8));
        Assert.Contains("no chain of rounds", Prediction.Of(b.Build(b.Linear(x, 8, 3))).UnknownBecause, StringComparison.Ordinal);
    }

    // Nodes of every kind with random wiring, sizes and parameters, sensible or not.
    [Fact]
    public void RandomNetworks()
    {
        var random = new Random(20240229);
        for (var round = 0; round < 3000; round++)
        {
            var b = new NetworkBuilder("Random");
            NodeId Any() => new(random.Next(-1, b.Count + 1));
            b.Input(Pick(random, OddWidths), random.Next(3) switch { 0 => null, 1 => Sizes.None, _ => Sizes.Of(Pick(random, OddWidths), 7) });
            var scopes = new Stack<NetworkBuilder.RepeatScope>();
            var nodes = random.Next(1, 25);
            for (var i = 0; i < nodes; i++)
            {
                var previous = random.Next(4) == 0 ? Any() : new NodeId(b.Count - 1);
                var inputs = random.Next(6) switch { 0 => Array.Empty<NodeId>(), 1 => [previous, Any()], 2 => [previous, previous], _ => [previous] };
                b.Add(RandomOperation(random), inputs);
                if (random.Next(12) == 0)
                    scopes.Push(b.Repeat(random.Next(-1, 4) is var n && n < 0 ? null : n));
                if (scopes.Count > 0 && random.Next(4) == 0)
                    scopes.Pop().Dispose();
            }

            var network = b.Build(Any());
            IsDefined(Prediction.Of(network, new PredictionOptions { BatchSize = random.Next(-1, 200), Loss = (TrainingLoss)random.Next(4) }));
            Assert.Equal(network.Fingerprint, network.Fingerprint);
            Assert.NotEmpty(network.ToText());
        }
    }

    private static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private static Operation RandomOperation(Random random)
    {
        int? W() => random.Next(3) == 0 ? Pick(random, OddWidths) : 8;
        double? N() => Pick(random, OddNumbers);
        Initializer I() => random.Next(3) == 0 ? Pick(random, OddInitializers) : Initializer.Default;
        Sizes S() => Sizes.Square(random.Next(0, 3), random.Next(4) == 0 ? Pick(random, OddWidths) : 2);
        Activation A() => random.Next(10) switch
        {
            0 => Activation.ELU(N()),
            1 => Activation.Hardtanh(N(), N()),
            2 => Activation.Softplus(N(), N()),
            3 => Activation.Softmax,
            4 => Activation.GLU,
            5 => Activation.Exp,
            6 => Activation.Threshold(N(), N()),
            7 => Activation.Sigmoid,
            8 => Activation.Sin,
            _ => Activation.ReLU,
        };
        return random.Next(20) switch
        {
            0 or 1 or 2 or 3 => new Operation.Linear(W(), W(), I(), random.Next(3) == 0 ? null : I()),
            4 or 5 => new Operation.Convolution(W(), W(), S(), S(), S(), S(), W(), random.Next(4) == 0, I(), I()),
            6 or 7 or 8 => new Operation.Nonlinearity(A()),
            9 => new Operation.Normalization((NormalizationKind)random.Next(4), W(), W(), I(), I(), N()),
            10 => new Operation.Dropout(N(), (DropoutKind)random.Next(3)),
            11 => new Operation.Pooling((PoolingKind)random.Next(4), S(), S(), S()),
            12 => new Operation.Reduction((ReductionKind)random.Next(4)),
            13 => new Operation.Flatten(),
            14 => new Operation.Reshape(W(), S()),
            15 => new Operation.Scale(N()),
            16 => new Operation.Add(),
            17 => new Operation.Concatenate(),
            18 => new Operation.Product(),
            _ => random.Next(6) switch
            {
                0 => new Operation.Upsample(S()),
                1 => new Operation.Embedding(W(), W(), I()),
                2 => new Operation.Detach(),
                3 => new Operation.Recurrent(RecurrentCell.GRU, W(), W(), W(), W(), false, I(), I(), I(), N()),
                4 => new Operation.Bilinear(W(), W(), W(), I(), I()),
                _ => new Operation.Opaque("opaque"),
            },
        };
    }
}
