// Reads: constructor-assignment, call-forward, activation-bare
using static TorchSharp.torch.nn.functional;

public class Net : Module<Tensor, Tensor>
{
    private readonly Linear lin1;
    private readonly Linear lin2;

    public Net(string name = "mlp") : base(name)
    {
        lin1 = Linear(784, 128);
        lin2 = Linear(128, 10);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var x = relu(lin1.forward(input));
        return lin2.forward(x);
    }
}
