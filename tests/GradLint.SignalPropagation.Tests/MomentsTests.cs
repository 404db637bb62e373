using GradLint.SignalPropagation.Moments;

namespace GradLint.SignalPropagation.Tests;

public class MomentsTests
{
    public static TheoryData<string> Functions =>
    [
        "relu", "leaky_relu(0.2)", "elu(1)", "celu(0.5)", "selu", "gelu", "gelu_tanh", "silu", "mish", "hardswish", "sigmoid", "logsigmoid", "hardsigmoid",
        "tanh", "hardtanh(-1,1)", "tanhshrink", "softshrink(0.5)", "softplus", "softsign", "relu6", "sin",
    ];

    private static ActivationMoments Of(string name) => ActivationMoments.Of(Oracle.SpecNetwork.Activation(name))!;

    // E φ², E φ'² at q = 1, integrated with scipy; SELU's slope is λ²·(1 + 2α²·e²·Φ(−2))/2.
    [Theory]
    [InlineData("relu", .5, .5)]
    [InlineData("leaky_relu(0.2)", .52, .52)]
    [InlineData("elu(1)", .6449, .6681)]
    [InlineData("selu", 1, 1.0716)]
    [InlineData("gelu", .4252, .4559)]
    [InlineData("silu", .3558, .3795)]
    [InlineData("mish", .4523, .4791)]
    [InlineData("tanh", .3943, .4644)]
    [InlineData("softsign", .1830, .2277)]
    [InlineData("hardtanh(-1,1)", .5161, .6827)]
    [InlineData("sigmoid", .2934, .0448)]
    [InlineData("softplus", .9212, .2934)]
    public void SquareMomentsAtOne(string name, double square, double slopeSquare)
    {
        var unit = Of(name).Unit(1);
        Assert.Equal(square, unit.Square, 4);
        Assert.Equal(slopeSquare, unit.SlopeSquare, 4);
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void UnitMomentsAgreeWithDirectIntegration(string name)
    {
        var activation = Oracle.SpecNetwork.Activation(name);
        foreach (var q in new[] { 1e-3, 0.07, 1, 5.3, 40 })
        {
            double F(double z) => ActivationFunction.Value(activation.Kind, activation.A ?? 0, activation.B ?? 0, Math.Sqrt(q) * z);
            double D(double z) => ActivationFunction.Derivative(activation.Kind, activation.A ?? 0, activation.B ?? 0, Math.Sqrt(q) * z);
            var unit = Of(name).Unit(q);
            if (name.StartsWith("softshrink", StringComparison.Ordinal) && q < 0.3)
                continue; // vanishes faster than any power of q: nothing that is measured there matters
            Close(Integral(F), unit.Mean);
            Close(Integral(z => F(z) * F(z)), unit.Square);
            Close(Integral(z => Math.Pow(F(z), 4)), unit.Fourth);
            Close(Integral(D), unit.SlopeMean);
            Close(Integral(z => D(z) * D(z)), unit.SlopeSquare);
            Close(Integral(z => Math.Pow(D(z), 4)), unit.SlopeFourth);
            Close(Integral(z => D(z) * z), unit.SlopeZ);
            Close(Integral(z => D(z) * D(z) * z * z), unit.SlopeSquareZ);
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void PairMomentsAgreeWithDirectIntegration(string name)
    {
        var activation = Oracle.SpecNetwork.Activation(name);
        foreach (var q in new[] { 0.05, 1, 6.0 })
        {
            foreach (var r in new[] { -0.1, 0, 0.3, 0.8, 0.97 })
            {
                var pair = Of(name).Pair(q, r * q);
                Close(Pair(x => ActivationFunction.Value(activation.Kind, activation.A ?? 0, activation.B ?? 0, x), q, r), pair.Product, 5e-3);
                Close(Pair(x => ActivationFunction.Derivative(activation.Kind, activation.A ?? 0, activation.B ?? 0, x), q, r), pair.SlopeProduct, 0.06); // the tail that jumps in φ' leave is modelled
            }
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void DerivativeIsTheSlopeOfTheValue(string name)
    {
        var activation = Oracle.SpecNetwork.Activation(name);
        for (var x = -8.03; x < 8; x += 0.17) // no kink lies on this grid
        {
            double F(double at) => ActivationFunction.Value(activation.Kind, activation.A ?? 0, activation.B ?? 0, at);
            Assert.Equal((F(x + 1e-6) - F(x - 1e-6)) / 2e-6, ActivationFunction.Derivative(activation.Kind, activation.A ?? 0, activation.B ?? 0, x), 6);
        }
    }

    // Cho and Saul 2009: ReLU at an angle of 60 degrees, (sin θ + (π − θ) cos θ)/2π and (π − θ)/2π.
    [Fact]
    public void ArcCosineKernels()
    {
        var pair = ActivationMoments.Of(Activation.ReLU)!.Pair(2, 1);
        Assert.Equal(2 * (Math.Sqrt(3) / 2 + Math.PI / 3) / (2 * Math.PI), pair.Product, 12);
        Assert.Equal(1.0 / 3, pair.SlopeProduct, 12);
    }

    // arcsine law: E erf(u)erf(v) = (2/π) asin(2c/(1 + 2q)), Williams 1998.
    [Fact]
    public void ErfKernel()
    {
        var moments = ActivationMoments.Of(Activation.Erf)!;
        Assert.Equal(2 / Math.PI * Math.Asin(2 * 0.6 / (1 + 2 * 1.3)), moments.Pair(1.3, 0.6).Product, 4);
        Assert.Equal(2 / Math.PI * Math.Asin(2 * 1.3 / (1 + 2 * 1.3)), moments.Unit(1.3).Square, 5);
    }

    [Theory]
    [InlineData(0.5, 0.5204998778130465)]
    [InlineData(1, 0.8427007929497149)]
    [InlineData(2.4, 0.9993114861033549)]
    [InlineData(3, 0.9999779095030014)]
    [InlineData(-1, -0.8427007929497149)]
    public void Erf(double x, double expected) => Assert.Equal(expected, SpecialFunctions.Erf(x), 12);

    // Monte Carlo with numpy, 40,000 draws: two standard errors are below 0.003.
    [Theory]
    [InlineData(2, 1, .6372)]
    [InlineData(2, 20, .8782)]
    [InlineData(10, 0.5, .1478)]
    [InlineData(10, 2, .2761)]
    [InlineData(10, 20, .6738)]
    [InlineData(10, 100, .8478)]
    [InlineData(100, 2, .0534)]
    [InlineData(100, 20, .4740)]
    public void SoftmaxOverlapOfOneSample(int classes, double q, double expected) =>
        Assert.InRange(SoftmaxOverlap.For(classes).Self(q), expected - 0.004, expected + 0.004);

    [Theory]
    [InlineData(10, 2, 1, .1714)]
    [InlineData(10, 2, 0.5, .1321)]
    [InlineData(10, 10, 5, .2493)]
    [InlineData(10, 0.5, 0.25, .1219)]
    public void SoftmaxOverlapOfTwoSamples(int classes, double q, double c, double expected) =>
        Assert.InRange(SoftmaxOverlap.For(classes).Pair(q, c), expected * 0.93, expected * 1.07);

    [Fact]
    public void LargestOfFourIndependentGaussians()
    {
        var (mean, square, slope) = LargestGaussian.Moments(Activation.ReLU, 1, 0, 4);
        // E max = 1.0294 (Teichroew 1956); P(max > 0) = 1 − 2^−4.
        Assert.InRange(mean, 1.0294 + 0.01, 1.0294 + 0.025); // the cut adds P(max < 0) = 2^−4 times about 0.27
        Assert.InRange(slope, 0.9375 - 0.005, 0.9375 + 0.005);
        Assert.InRange(square, 1.54, 1.56);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ParametersThatAreNoNumbersHaveNoMoments(double slope) => Assert.Null(ActivationMoments.Of(Activation.LeakyReLU(slope)));

    [Fact]
    public void UnknownParametersHaveNoMoments()
    {
        Assert.Null(ActivationMoments.Of(Activation.ELU(null)));
        Assert.Null(ActivationMoments.Of(Activation.Hardtanh(1, -1)));
        Assert.Null(ActivationMoments.Of(Activation.Softmax));
        Assert.Null(ActivationMoments.Of(Activation.Unknown));
    }

    [Fact]
    public void TheNumberOfRememberedTablesIsBounded()
    {
        for (var i = 0; i < 500; i++)
            Assert.NotNull(ActivationMoments.Of(Activation.ELU(1 + i * 1e-3)));
    }

    // A fine trapezoidal rule, nothing of the library's.
    private static double Integral(Func<double, double> f)
    {
        const int Steps = 40_000;
        double sum = 0, total = 0;
        for (var i = 0; i <= Steps; i++)
        {
            var z = -9 + 18.0 * i / Steps;
            var w = Math.Exp(-z * z / 2);
            sum += w * f(z);
            total += w;
        }

        return sum / total;
    }

    private static double Pair(Func<double, double> f, double q, double r)
    {
        const int Steps = 301; // even spacing that no kink falls on
        double sum = 0, total = 0;
        for (var i = 0; i <= Steps; i++)
        {
            var x = -6 + 12.0 * i / Steps;
            var fx = f(Math.Sqrt(q) * x);
            for (var k = 0; k <= Steps; k++)
            {
                var y = -6 + 12.0 * k / Steps;
                var w = Math.Exp(-(x * x + y * y) / 2);
                sum += w * fx * f(Math.Sqrt(q) * (r * x + Math.Sqrt(1 - r * r) * y));
                total += w;
            }
        }

        return sum / total;
    }

    private static void Close(double expected, double actual, double relative = 1e-3) =>
        Assert.InRange(actual, expected - relative * Math.Abs(expected) - 1e-6, expected + relative * Math.Abs(expected) + 1e-6);
}
