namespace GradLint.SignalPropagation.Tests;

public class ActivationTests
{
    /// <summary>As torch.nn.functional spells it; the names stand in a table, in the order of the kinds.</summary>
    [Fact]
    public void NamesAreThoseOfTorch()
    {
        foreach (var property in typeof(Activation).GetProperties().Where(p => p.PropertyType == typeof(Activation)))
        {
            var activation = (Activation)property.GetValue(null)!;
            Assert.Equal(property.Name, activation.Kind.ToString());
            Assert.Equal(property.Name switch { "GELUTanh" => "gelu_tanh", "LogSoftmax" => "log_softmax", var name => name.ToLowerInvariant() }, activation.Name);
        }

        Assert.Equal("leaky_relu", Activation.LeakyReLU(0.1).Name);
        Assert.Equal("rrelu", Activation.RReLU(0.1, 0.3).Name);
        Assert.Equal("prelu", Activation.PReLU(0.25).Name);
        Assert.Equal("elu", Activation.ELU().Name);
        Assert.Equal("celu", Activation.CELU().Name);
        Assert.Equal("hardtanh", Activation.Hardtanh().Name);
        Assert.Equal("hardshrink", Activation.Hardshrink().Name);
        Assert.Equal("softshrink", Activation.Softshrink().Name);
        Assert.Equal("softplus", Activation.Softplus().Name);
        Assert.Equal("threshold", Activation.Threshold(0, 0).Name);
    }

    [Fact]
    public void EqualityIsByKindAndParameters()
    {
        Assert.Equal(Activation.ELU(0.5), Activation.ELU(0.5));
        Assert.Equal(Activation.ELU(0.5).GetHashCode(), Activation.ELU(0.5).GetHashCode());
        Assert.Equal(Activation.ELU(double.NaN), Activation.ELU(double.NaN));
        Assert.NotEqual(Activation.ELU(0.5), Activation.ELU(0.6));
        Assert.NotEqual(Activation.ELU(0.5), Activation.CELU(0.5));
        Assert.NotEqual(Activation.ELU(0), Activation.ELU(null));
        Assert.NotEqual(Activation.Hardtanh(-1, 1), Activation.Hardtanh(-1, 2));
    }
}
