namespace GradLint.SignalPropagation.Tests;

/// <summary>Nodes that are seldom between weight layers. Expected: PyTorch in float64, a batch of 64, 30 seeds.</summary>
public class RareNodeTests
{
    private static Prediction Stack(int layers, Func<NetworkBuilder, NodeId, NodeId> between, int width = 128, int next = 128, Initializer? weight = null, Initializer? bias = null)
    {
        var b = new NetworkBuilder("Net");
        var x = b.Input(width, Sizes.None);
        for (var i = 0; i < layers; i++)
            x = between(b, b.Linear(x, i == 0 ? width : next, width, weight, bias, path: $"layers.{i}"));
        return Prediction.Of(b.Build(b.Linear(x, next, 10, path: "head")));
    }

    private static void IsPredicted(Prediction prediction, double gradient, double scale, double within = 0.1)
    {
        Assert.InRange(prediction.EndToEndGradientRatio!.Value, gradient - within, gradient + within);
        Assert.InRange(prediction.Layers[^1].Scale!.Value, scale - within, scale + within);
    }

    [Fact]
    public void SoftmaxBetweenLayers() => IsPredicted(Stack(2, (b, x) => b.Activation(x, Activation.Softmax)), -5.177, -1.288);

    // Its mean, −ln of the width, makes logits so large that the loss takes one class for all samples: single draws scatter by 0.15.
    [Fact]
    public void LogSoftmaxBetweenLayers() => IsPredicted(Stack(3, (b, x) => b.Activation(x, Activation.LogSoftmax)), -0.912, 0.931, 0.25);

    [Fact]
    public void GatedLinearUnits() => IsPredicted(Stack(4, (b, x) => b.Activation(x, Activation.GLU), next: 64), -2.692, -1.151);

    [Fact]
    public void AlphaDropoutBehindSelu() => IsPredicted(
        Stack(6, (b, x) => b.Dropout(b.Activation(x, Activation.SELU), 0.2, DropoutKind.Alpha), weight: Initializer.LecunNormal(), bias: Initializer.Zeros), -1.331, -0.234);

    [Fact]
    public void BilinearLayer()
    {
        var b = new NetworkBuilder("Net");
        var left = b.Linear(b.Input(32, Sizes.None), 32, 48, path: "left");
        var right = b.Linear(b.Input(32, Sizes.None), 32, 24, path: "right");
        var z = b.Add(new Operation.Bilinear(48, 24, 64, Initializer.Default, Initializer.DefaultBias), [b.Activation(left, Activation.Tanh), right], path: "bilinear");
        var prediction = Prediction.Of(b.Build(b.Linear(b.Activation(z, Activation.ReLU), 64, 10, path: "head")));
        var layers = prediction.Layers.ToDictionary(l => l.Path!);
        Assert.InRange(layers["left"].GradientRatio!.Value, -0.693, -0.493);
        Assert.InRange(layers["right"].GradientRatio!.Value, -0.558, -0.358);
        Assert.InRange(layers["head"].Scale!.Value, -0.591, -0.391);
    }

    [Fact]
    public void SoftmaxOfWhatIsNoGaussianIsUnknown()
    {
        var prediction = Stack(2, (b, x) => b.Activation(b.Activation(x, Activation.ReLU), Activation.Softmax));
        Assert.Null(prediction.EndToEndGradientRatio);
        Assert.Equal("softmax of what is no Gaussian", prediction.UnknownBecause);
    }

    // Measured over 2000 networks each whether all units of a layer are off for 256 standard normal inputs: the largest of TorchSharp's default, Kaiming
    // with default biases, Kaiming with zero biases.
    [Theory]
    [InlineData(2, 10, 0.900)]
    [InlineData(3, 10, 0.604)]
    [InlineData(4, 10, 0.344)]
    [InlineData(5, 9, 0.147)]
    [InlineData(5, 19, 0.368)]
    [InlineData(8, 30, 0.095)]
    [InlineData(10, 50, 0.041)]
    public void BornDeadIsAnUpperEstimate(int width, int layers, double measured)
    {
        var probability = Stack(layers, (b, x) => b.Activation(x, Activation.ReLU), width, width).BornDeadProbability!.Value;
        Assert.InRange(probability, measured, 2 * measured);
        Assert.Equal(1 - Math.Pow(1 - Math.Pow(2, -width), layers), probability, 9);
    }

    [Fact]
    public void WhatCannotBeBornDead()
    {
        Assert.Equal(0, Stack(10, (b, x) => b.Activation(x, Activation.Tanh), 4, 4).BornDeadProbability);
        Assert.Equal(0, Stack(10, (b, x) => b.Activation(x, Activation.LeakyReLU()), 4, 4).BornDeadProbability);
        Assert.Equal(0, Stack(10, (b, x) => b.Activation(b.BatchNorm(x, 4), Activation.ReLU), 4, 4).BornDeadProbability);
        var residual = new NetworkBuilder("Net");
        var y = residual.Linear(residual.Input(4, Sizes.None), 4, 4);
        for (var i = 0; i < 10; i++)
            y = residual.Sum(y, residual.Linear(residual.Activation(residual.Linear(y, 4, 4), Activation.ReLU), 4, 4));
        Assert.Equal(0, Prediction.Of(residual.Build(residual.Linear(y, 4, 2))).BornDeadProbability);
    }

    [Fact]
    public void BornDeadIsUnknownWhereAWidthIs() => Assert.Null(Prediction.Of(Unknown()).BornDeadProbability);

    private static Network Unknown()
    {
        var b = new NetworkBuilder("Net");
        return b.Build(b.Linear(b.Activation(b.Linear(b.Input(4, Sizes.None), 4, null), Activation.ReLU), null, 2));
    }
}
