// Reads: activation-bare, activation-functional, using-static-functional
using static TorchSharp.torch.nn.functional;

class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(2, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        x = relu6(fc.forward(x));
        x = leaky_relu(fc.forward(x), 0.1);
        x = selu(fc.forward(x));
        x = mish(fc.forward(x));
        x = hardswish(fc.forward(x));
        x = functional.softsign(fc.forward(x));
        return log_softmax(fc.forward(x), dim: 1);
    }
}
