namespace GradLint.SignalPropagation.Tests;

/// <summary>Networks that pool over a number of positions which only the input's size would tell.</summary>
public class UnknownSizesTests
{
    private static readonly Sizes Three = Sizes.Square(2, 3);

    /// <summary>
    /// By theory: under the default initialization, fan_in·Var(W) = 1/3, each weight layer passes on a third of the squared norm of the gradient,
    /// and the ReLU in front of it half (He et al. 2015, arXiv:1502.01852, section 2.2, with gain² 1/3 instead of 2); the root mean square
    /// counts √(10/64) for the widths. Averaging over positions is geometry.
    /// </summary>
    [Theory]
    [InlineData(PoolingKind.AdaptiveAverage, 6)]
    [InlineData(PoolingKind.AdaptiveAverage, 8)]
    [InlineData(null, 8)]
    public void The_signal_fades_whatever_the_size_of_the_input(PoolingKind? pooling, int layers)
    {
        var prediction = Prediction.Of(Stack(layers, pooling));
        var expected = layers * Math.Log10(1 / 6.0) / 2 + Math.Log10(10 / 64.0) / 2;
        Assert.Equal(expected, prediction.EndToEndSignalRatio!.Value, 0.05);
        Assert.Null(prediction.EndToEndGradientRatio);
        Assert.Null(prediction.Layers[0].GeometryShare);
        Assert.NotNull(prediction.GradientBand);
    }

    /// <summary>Zero padding aside, which matters less the larger the image is, the size is in the geometry alone.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(224)]
    public void A_known_size_gives_the_same_signal_ratio(int size)
    {
        var network = Stack(8, PoolingKind.AdaptiveAverage);
        var known = Prediction.Of(network, new PredictionOptions { InputSpatial = Sizes.Square(2, size) });
        Assert.NotNull(known.EndToEndGradientRatio);
        Assert.Equal(known.EndToEndSignalRatio!.Value, Prediction.Of(network).EndToEndSignalRatio!.Value, size == 16 ? 0.2 : 0.1);
    }

    [Fact]
    public void Behind_the_pooling_the_numbers_are_known()
    {
        var prediction = Prediction.Of(Stack(4, PoolingKind.AdaptiveAverage));
        Assert.Equal(0, prediction.Layers[^1].GradientRatio!.Value, 1e-6);
        Assert.Contains("pooling window", prediction.Layers[0].UnknownBecause);
    }

    [Fact]
    public void A_window_of_unknown_output_stays_unknown()
    {
        var network = Stack(4, PoolingKind.AdaptiveAverage, Sizes.Square(2, null));
        Assert.Null(Prediction.Of(network).EndToEndGradientRatio);
    }

    private static Network Stack(int layers, PoolingKind? pooling, Sizes? output = null)
    {
        var builder = new NetworkBuilder("Net");
        var x = builder.Input();
        for (var i = 0; i < layers; i++)
            x = builder.Activation(builder.Convolution(x, i == 0 ? 3 : 64, 64, Three, padding: Sizes.Square(2, 1), path: $"conv{i}"), Activation.ReLU);
        x = pooling is { } kind ? builder.Pooling(x, kind, output ?? Sizes.Square(2, 1), Sizes.Square(2, 1)) : builder.Add(new Operation.Reduction(ReductionKind.Mean), x);
        return builder.Build(builder.Linear(builder.Flatten(x), 64, 10, path: "head"));
    }
}
