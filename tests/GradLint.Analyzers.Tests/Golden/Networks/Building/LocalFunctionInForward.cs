// Reads: local-function, residual-plus, activation-bare
using static TorchSharp.torch.nn.functional;

class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(6, 6), b = Linear(6, 6);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        Tensor Block(Module<Tensor, Tensor> layer, Tensor t)
        {
            return t + elu(layer.forward(t), 1.0);
        }

        x = Block(a, x);
        return Block(b, x);
    }
}
