namespace GradLint.SignalPropagation.Tests;

public class NetworkTests
{
    private static Network Example(string file = "Net.cs", int line = 7, string path = "fc1", double slope = 0.2, Initializer? weight = null)
    {
        var b = new NetworkBuilder("Models.Net");
        var x = b.Input(3, Sizes.Of(32, null));
        x = b.Convolution(x, 3, 16, Sizes.Square(2, 3), padding: Sizes.Square(2, 1), hasBias: false, path: "conv", location: new SourceLocation(file, line));
        x = b.BatchNorm(x, 16, path: "bn");
        x = b.Activation(x, Activation.LeakyReLU(slope));
        x = b.Pooling(x, PoolingKind.Max, Sizes.Square(2, 2));
        x = b.Flatten(x);
        var skip = x = b.Linear(x, null, 64, weight ?? Initializer.KaimingNormal(), Initializer.Zeros, path: path, name: "hidden");
        using (b.Repeat(null))
        {
            x = b.Activation(x, Activation.Tanh);
            x = b.Linear(x, 64, 64, path: "blocks.*");
        }

        x = b.Sum(skip, x);
        x = b.Dropout(x, 0.1);
        return b.Build(b.Linear(x, 64, 10, path: "head"));
    }

    [Fact]
    public void Text()
    {
        const string Expected = """
            Models.Net
               0  Input 3 @ 32x?
               1  (0) Conv2d 3 -> 16, kernel 3x3, padding 1x1, weight default (var 0.333333/fan_in), no bias  conv
               2  (1) BatchNorm 16  bn
               3  (2) Activation leaky_relu(0.2)
               4  (3) MaxPool 2x2, stride 2x2
               5  (4) Flatten
               6  (5) Linear ? -> 64, weight kaiming_normal_ (var 2/fan_in), bias zeros_ (0)  fc1  'hidden'
               7  (6) Activation tanh  repeat #0 x?
               8  (7) Linear 64 -> 64, weight default (var 0.333333/fan_in)  blocks.*  repeat #0 x?
               9  (6, 8) Add
              10  (9) Dropout 0.1
              11  (10) Linear 64 -> 10, weight default (var 0.333333/fan_in)  head  -> output

            """;
        Assert.Equal(Expected.ReplaceLineEndings("\n"), Example().ToText());
    }

    // A literal: evidence that users keep must stay valid from one version to the next, on every machine and runtime.
    [Fact]
    public void FingerprintIsStable() => Assert.Equal("99851e0d5034924e", Example().Fingerprint);

    [Fact]
    public void FingerprintIgnoresWhereAndWhat()
    {
        var known = Example().Fingerprint;
        Assert.Equal(known, Example("Other.cs", 99).Fingerprint);
        // U(±√6/√fan_in) and N(0, 2/fan_in) are different distributions of equal variance: the band may depend on it.
        Assert.NotEqual(known, Example(weight: Initializer.KaimingUniform()).Fingerprint);
        Assert.Equal(Example(weight: Initializer.Normal(0, 0.1)).Fingerprint, Example(weight: Initializer.Normal(0, -0.1)).Fingerprint);
    }

    [Fact]
    public void FingerprintSeesWhatThePredictionSees()
    {
        Network[] different =
        [
            Example(), Example(path: "fc2"), Example(slope: 0.1), Example(weight: Initializer.XavierUniform()), new NetworkBuilder("Models.Net").Build(),
        ];
        Assert.Equal(different.Length, different.Select(n => n.Fingerprint).Distinct().Count());
    }

    [Fact]
    public void EveryOperationCountsInTheFingerprint()
    {
        var sizes = Sizes.Square(2, 2);
        Operation[] operations =
        [
            new Operation.Input(1, null), new Operation.Linear(1, 2, Initializer.Default, null), new Operation.Linear(1, 2, Initializer.Default, Initializer.Zeros),
            new Operation.Bilinear(1, 2, 3, Initializer.Default, null),
            new Operation.Convolution(1, 2, sizes, sizes, sizes, sizes, 1, false, Initializer.Default, null),
            new Operation.Convolution(1, 2, sizes, sizes, sizes, sizes, 1, true, Initializer.Default, null),
            new Operation.Embedding(1, 2, Initializer.DefaultEmbedding), new Operation.Nonlinearity(Activation.ReLU), new Operation.Nonlinearity(Activation.ReLU6),
            new Operation.Normalization(NormalizationKind.Batch, 1, null, null, null, 1e-5), new Operation.Normalization(NormalizationKind.Layer, 1, null, null, null, 1e-5),
            new Operation.Dropout(0.5, DropoutKind.Element), new Operation.Dropout(0.4, DropoutKind.Element), new Operation.Pooling(PoolingKind.Max, sizes, sizes, sizes),
            new Operation.Pooling(PoolingKind.Average, sizes, sizes, sizes), new Operation.Reduction(ReductionKind.Mean), new Operation.Reduction(ReductionKind.Select),
            new Operation.Flatten(), new Operation.Reshape(1, null), new Operation.Reshape(1, Sizes.None), new Operation.Upsample(sizes), new Operation.Scale(0.5),
            new Operation.Add(), new Operation.Concatenate(), new Operation.Product(), new Operation.ScaledDotProduct(4),
            new Operation.MultiheadAttention(8, 2, Initializer.XavierUniform(), Initializer.Default),
            new Operation.TransformerEncoderLayer(8, 2, 16, Activation.ReLU, 0.1),
            new Operation.Recurrent(RecurrentCell.LSTM, 1, 2, 1, null, false, Initializer.DefaultRecurrent, Initializer.DefaultRecurrent, null, 0),
            new Operation.Recurrent(RecurrentCell.GRU, 1, 2, 1, null, false, Initializer.DefaultRecurrent, Initializer.DefaultRecurrent, null, 0),
            new Operation.Detach(), new Operation.Opaque("x"),
        ];
        var prints = operations.Select(o =>
        {
            var b = new NetworkBuilder("N");
            return b.Build(b.Add(o, b.Input()));
        }).ToList();
        Assert.Equal(prints.Count, prints.Select(p => p.Fingerprint).Distinct().Count());
        Assert.Equal(prints.Count, prints.Select(p => p.ToText()).Distinct().Count());
        Assert.All(prints, p => Assert.Matches("^[0-9a-f]{16}$", p.Fingerprint));
        Assert.All(prints, p => Prediction.Of(p));
    }

    [Fact]
    public void ANodeThatIsNotOfThisNetworkIsOpaque()
    {
        var b = new NetworkBuilder("N");
        var x = b.Linear(new NodeId(42), 3, 4);
        Assert.Equal(2, b.Count);
        var network = b.Build(new NodeId(-7));
        Assert.IsType<Operation.Opaque>(network.Nodes[0].Operation);
        Assert.IsType<Operation.Opaque>(network.Nodes[network.Output].Operation);
        Assert.All(network.Nodes, n => Assert.All(n.Inputs, i => Assert.True(i < n.Index)));
    }

    [Fact]
    public void SizesAreComparedByValue()
    {
        Assert.Equal(Sizes.Of(3, 3), Sizes.Square(2, 3));
        Assert.NotEqual(Sizes.Of(3, null), Sizes.Of(3, 3));
        Assert.Equal("3x?", Sizes.Of(3, null).ToString());
        Assert.Null(Sizes.Of(3, null).Product);
        Assert.Equal(1, Sizes.None.Product);
        Assert.Equal(new Operation.Pooling(PoolingKind.Max, Sizes.Of(2), Sizes.Of(2), Sizes.Of(0)), new Operation.Pooling(PoolingKind.Max, Sizes.Of(2), Sizes.Of(2), Sizes.Of(0)));
    }
}
