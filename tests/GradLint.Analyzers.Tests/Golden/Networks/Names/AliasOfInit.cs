// Reads: using-alias, init-weight, using-static-nn
using Init = TorchSharp.torch.nn.init;
using static TorchSharp.torch.nn;

class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(3, 3);
    public Net() : base("Net")
    {
        Init.ones_(a.weight);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => a.call(x);
}
