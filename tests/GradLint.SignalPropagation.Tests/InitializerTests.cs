namespace GradLint.SignalPropagation.Tests;

public class InitializerTests
{
    private static readonly WeightShape Shape = new(rows: 30, columns: 12, kernel: 9);

    // The formulas of torch.nn.init: fan_in = 12·9 = 108, fan_out = 30·9 = 270.
    public static TheoryData<Initializer, double> Variances => new()
    {
        { Initializer.Default, 1 / (3 * 108.0) },
        { Initializer.KaimingNormal(), 2 / 108.0 },
        { Initializer.KaimingUniform(), 2 / 108.0 },
        { Initializer.KaimingNormal(Gain.LeakyReLU(0.2), FanMode.FanOut), 2 / 1.04 / 270 },
        { Initializer.KaimingNormal(Gain.Tanh), 25 / 9.0 / 108 },
        { Initializer.XavierUniform(), 2 / 378.0 },
        { Initializer.XavierNormal(Gain.ReLU), 4 / 378.0 },
        { Initializer.LecunNormal(), 1 / 108.0 },
        { Initializer.Orthogonal(), 1 / 108.0 },
        { Initializer.Normal(0, 0.02), 4e-4 },
        { Initializer.Uniform(-0.1, 0.3), 0.16 / 12 },
        { Initializer.Uniform(), 1 / 12.0 },
        { Initializer.Sparse(0.25, 0.02), 3e-4 },
        { Initializer.Zeros, 0 },
        { Initializer.Ones, 0 },
        { Initializer.TruncatedNormal(0, 0.02), 0 },
        { Initializer.DefaultEmbedding, 1 },
    };

    [Theory]
    [MemberData(nameof(Variances))]
    public void Variance(Initializer initializer, double expected) => Assert.Equal(expected, initializer.Variance(Shape)!.Value, 12);

    [Fact]
    public void RecurrentDefaultLooksAtTheHiddenSizeAlone() =>
        Assert.Equal(1 / (3 * 50.0), Initializer.DefaultRecurrent.Variance(new WeightShape(200, 7, 1, hidden: 50))!.Value, 12);

    [Fact]
    public void FanInScalingIsKnownWithoutWidths()
    {
        var unknown = new WeightShape(null, null);
        Assert.Equal(1.0 / 3, Initializer.Default.FanInVariance(unknown)!.Value, 12);
        Assert.Equal(2, Initializer.KaimingNormal().FanInVariance(unknown)!.Value, 12);
        Assert.Null(Initializer.XavierUniform().FanInVariance(unknown));
        Assert.Null(Initializer.Normal(0, 1).FanInVariance(unknown));
    }

    // TorchSharp up to 0.107 swaps mean and std: with mean 0 all entries are std, clamped to [a, b].
    [Fact]
    public void TruncatedNormalIsAConstantInTorchSharp()
    {
        Assert.True(Initializer.TruncatedNormal(0, 0.02).IsConstant);
        Assert.Equal(0.02, Initializer.TruncatedNormal(0, 0.02).Mean);
        Assert.Equal(2, Initializer.TruncatedNormal(0, 5).Mean);
        Assert.False(Initializer.TruncatedNormal(0.5, 1).IsKnown);
        Assert.False(Initializer.TruncatedNormal(null, 1).IsConstant);
    }

    [Fact]
    public void XavierNormalIsUniformInTorchSharp() => Assert.Equal(InitializerDistribution.Uniform, Initializer.XavierNormal().Distribution);

    [Fact]
    public void UnknownArgumentsStayUnknown()
    {
        Assert.Null(Initializer.Unknown.Variance(Shape));
        Assert.Null(Initializer.KaimingNormal(null).Variance(Shape));
        Assert.Null(Initializer.Normal(0, null).Variance(Shape));
        Assert.Null(Initializer.Uniform(null, 1).Variance(Shape));
        Assert.Null(Initializer.Uninitialized.Variance(Shape));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void WidthsThatAreNoWidthsGiveNoVariance(double width)
    {
        Assert.Null(Initializer.Default.Variance(new WeightShape(10, width)));
        Assert.Null(Initializer.XavierUniform().Variance(new WeightShape(width, 10)));
        Assert.Null(Initializer.Orthogonal().Variance(new WeightShape(width, 10)));
    }

    [Fact]
    public void DefaultsAreMarked()
    {
        Assert.True(Initializer.Default.IsDefault);
        Assert.False(Initializer.KaimingUniform(Math.Sqrt(1.0 / 3)).IsDefault);
        Assert.Equal("default (var 0.333333/fan_in)", Initializer.Default.ToString());
        Assert.Equal("kaiming_normal_ (var 2/fan_in)", Initializer.KaimingNormal().ToString());
        Assert.Equal("uniform_ (mean 0.5, var 0.0833333)", Initializer.Uniform().ToString());
    }

    [Fact]
    public void TheFansOfATransposedMatrixChangePlaces()
    {
        // kaiming_uniform_ on a matrix of 40 × 6 divides by its second size; as a layer from 40 to 6 features it is 6 × 40.
        var transposed = Initializer.KaimingUniform().Transposed();
        Assert.Equal(Initializer.KaimingUniform().Variance(new(40, 6)), transposed.Variance(new(6, 40)));
        Assert.Equal(Initializer.XavierNormal().Variance(new(40, 6)), Initializer.XavierNormal().Transposed().Variance(new(6, 40)));
        Assert.Equal(transposed.Variance(new(6, 40)), transposed.Of(new(6, 40)).Variance(new(null, null)));
    }

    [Fact]
    public void WhatIsComputedWithDrawnValuesIsKnown()
    {
        // rand · 2 − 1 is uniform on [−1, 1): mean 0, variance 1/3.
        var values = Initializer.Uniform().Times(2).Plus(-1);
        Assert.Equal((0.0, 1.0 / 3), (values.Mean!.Value, values.Variance(new(null, null))!.Value));
        Assert.False(Initializer.Normal().Times(null).IsKnown);
    }
}
