using System.Globalization;
using GradLint.SignalPropagation;

namespace GradLint.Analyzers.Tests;

/// <summary>Factors that the rules' pages state of networks which no rule reports.</summary>
public class DocumentedNumbersTests
{
    private const int Width = 256;

    /// <summary>The root of σw²·E σ'(u)² = 1 at the fixed point q = σw²·E σ(u)²: 103.0, by quadrature.</summary>
    [Fact]
    public void A_sigmoid_stack_keeps_its_gradient_only_where_it_is_saturated()
    {
        Assert.Equal(1, Factor(Activation.Sigmoid, Initializer.Normal(0, Math.Sqrt(103.0 / Width))), 0.01);
        Assert.Contains("fan_in · Var(W) ≈ 103", DocumentationTests.Page("GRAD1001"));
        Assert.Contains("fan_in · Var(W) ≈ 103", DocumentationTests.Page("GRAD2002"));
    }

    /// <summary>PyTorch: 0.387 at 256 wide, four seeds, batch 64.</summary>
    [Fact]
    public void Layer_norm_before_a_sigmoid_does_not_heal()
    {
        var factor = Factor(Activation.Sigmoid, Initializer.Default, (b, x) => b.Add(new Operation.Normalization(NormalizationKind.Layer, Width, null, Initializer.Ones, Initializer.Zeros, 1e-5), x));
        Assert.Equal(0.387, factor, 0.01);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"({factor:F2} a layer)"), DocumentationTests.Page("GRAD1001"));
    }

    /// <summary>√(σw²·E φ'(u)²) at the fixed point of tanh under σw = 5/3: 1.100, by quadrature.</summary>
    [Fact]
    public void Five_thirds_make_the_gradient_of_tanh_grow()
    {
        Assert.Equal(1.1, Factor(Activation.Tanh, Initializer.XavierNormal(5.0 / 3)), 0.01);
        Assert.Contains("it grows by 1.1 a layer", DocumentationTests.Page("GRAD2002"));
    }

    /// <summary>The factor of a layer in the middle of a deep stack, where the signal has settled.</summary>
    private static double Factor(Activation activation, Initializer weight, Func<NetworkBuilder, NodeId, NodeId>? normalize = null)
    {
        const int depth = 40;
        var b = new NetworkBuilder("Net");
        var x = b.Input(Width);
        for (var i = 0; i < depth; i++)
        {
            x = b.Linear(x, Width, Width, weight, hasBias: normalize is not null);
            x = b.Add(new Operation.Nonlinearity(activation), normalize?.Invoke(b, x) ?? x);
        }

        return Prediction.Of(b.Build(b.Linear(x, Width, 10))).Layers[depth / 2].Factor!.Value;
    }
}
