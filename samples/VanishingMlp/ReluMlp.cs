using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;
using static TorchSharp.torch.nn.init;

namespace VanishingMlp;

/// <summary>The same network repaired: ReLU, and the initialization that belongs to it (He et al. 2015).</summary>
public sealed class ReluMlp : Module<Tensor, Tensor>
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

    public ReluMlp() : base(nameof(ReluMlp))
    {
        foreach (var layer in new[] { fc1, fc2, fc3, fc4, fc5, fc6, fc7, fc8, fc9, fc10, fc11 })
            kaiming_normal_(layer.weight!, nonlinearity: NonlinearityType.ReLU);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = relu(fc1.call(x));
        x = relu(fc2.call(x));
        x = relu(fc3.call(x));
        x = relu(fc4.call(x));
        x = relu(fc5.call(x));
        x = relu(fc6.call(x));
        x = relu(fc7.call(x));
        x = relu(fc8.call(x));
        x = relu(fc9.call(x));
        x = relu(fc10.call(x));
        x = relu(fc11.call(x));
        return head.call(x);
    }
}
