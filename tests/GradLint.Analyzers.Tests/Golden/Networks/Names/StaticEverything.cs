// Reads: using-static-torch, using-static-nn, using-static-functional
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;
using static TorchSharp.torch.nn.init;

class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(3, 3);
    public Net() : base("Net")
    {
        xavier_uniform_(fc.weight);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => gelu(fc.call(x));
}
