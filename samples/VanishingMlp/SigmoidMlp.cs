using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace VanishingMlp;

/// <summary>Twelve linear layers and eleven sigmoids at TorchSharp's default initialization: it compiles, it runs, it does not learn.</summary>
public sealed class SigmoidMlp : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(64, 64);
    private readonly Linear fc2 = Linear(64, 64);
    private readonly Linear fc3 = Linear(64, 64);
    private readonly Linear fc4 = Linear(64, 64);
    private readonly Linear fc5 = Linear(64, 64);
    private readonly Linear fc6 = Linear(64, 64);
    private readonly Linear fc7 = Linear(64, 64);
    private readonly Linear fc8 = Linear(64, 64);
    private readonly Linear fc9 = Linear(64, 64);
    private readonly Linear fc10 = Linear(64, 64);
    private readonly Linear fc11 = Linear(64, 64);
    private readonly Linear head = Linear(64, 10);

    public SigmoidMlp() : base(nameof(SigmoidMlp)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = sigmoid(fc1.call(x));
        x = sigmoid(fc2.call(x));
        x = sigmoid(fc3.call(x));
        x = sigmoid(fc4.call(x));
        x = sigmoid(fc5.call(x));
        x = sigmoid(fc6.call(x));
        x = sigmoid(fc7.call(x));
        x = sigmoid(fc8.call(x));
        x = sigmoid(fc9.call(x));
        x = sigmoid(fc10.call(x));
        x = sigmoid(fc11.call(x));
        return head.call(x);
    }
}
