// Reads: scaled-dot-product, using-static-functional, activation-bare
using static TorchSharp.torch.nn.functional;

class Net : Module<Tensor, Tensor>
{
    private readonly Linear q = Linear(8, 8), k = Linear(8, 8), v = Linear(8, 8);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => relu(scaled_dot_product_attention(q.call(x), k.call(x), v.call(x), is_casual: true));
}
