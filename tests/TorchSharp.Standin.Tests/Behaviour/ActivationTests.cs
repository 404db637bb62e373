using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Standin.Tests.Behaviour;

public class ActivationTests
{
    public static TheoryData<string> InPlace => ["ReLU", "ReLU6", "LeakyReLU", "SELU", "CELU", "GELU", "SiLU", "Sigmoid", "Tanh", "Hardtanh", "Hardswish", "Hardsigmoid", "Mish", "Threshold"];

    [TorchTheory]
    [MemberData(nameof(InPlace))]
    public void In_place_the_input_takes_the_result(string name)
    {
        Module<Tensor, Tensor> activation = name switch
        {
            "ReLU" => ReLU(inplace: true),
            "ReLU6" => ReLU6(inplace: true),
            "LeakyReLU" => LeakyReLU(inplace: true),
            "SELU" => SELU(inplace: true),
            "CELU" => CELU(inplace: true),
            "GELU" => GELU(inplace: true),
            "SiLU" => SiLU(inplace: true),
            "Sigmoid" => Sigmoid(inplace: true),
            "Tanh" => Tanh(inplace: true),
            "Hardtanh" => Hardtanh(inplace: true),
            "Hardswish" => Hardswish(inplace: true),
            "Hardsigmoid" => Hardsigmoid(inplace: true),
            "Mish" => Mish(inplace: true),
            _ => Threshold(0.1, 20, inplace: true),
        };
        var x = tensor(new float[] { -1.5f, 0.5f, 2 });
        var y = activation.call(x);

        Assert.NotSame(x, y);
        Assert.Equal(y.data<float>().ToArray(), x.data<float>().ToArray());
        Assert.NotEqual(-1.5f, x[0].item<float>());
    }

    [TorchFact]
    public void Elu_is_never_in_place()
    {
        var x = tensor(new float[] { -1.5f, 2 });

        var y = ELU(inplace: true).call(x);

        Assert.Equal([-1.5f, 2f], x.data<float>().ToArray());
        Assert.Equal(Math.Exp(-1.5) - 1, y[0].item<float>(), 6);
    }

    [TorchFact]
    public void Hardtanh_does_nothing_unless_in_place()
    {
        var x = tensor(new float[] { -1.5f, 2 });

        Assert.Same(x, Hardtanh().call(x));
        Assert.Same(x, functional.hardtanh(x));
        Assert.Equal([-1.5f, 2f], x.data<float>().ToArray());
    }

    [TorchFact]
    public void The_random_leaky_relu_is_not_random()
    {
        var activation = RReLU(0.1, 0.5);
        Assert.True(activation.training);

        Assert.Equal([-0.3f, -0.6f, 1f], activation.call(tensor(new float[] { -1, -2, 1 })).data<float>().ToArray().Select(v => MathF.Round(v, 6)));
    }
}
