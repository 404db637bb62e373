// Reads: attention-by-hand, view
class Net : Module<Tensor, Tensor>
{
    private readonly Linear qkv = Linear(8, 24), proj = Linear(8, 8);
    private readonly int heads = 2;
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var (b, t) = (x.shape[0], x.shape[1]);
        var parts = qkv.call(x).reshape(b, t, 3, heads, 4).permute(2, 0, 3, 1, 4);
        var att = functional.softmax(parts[0].matmul(parts[1].transpose(-2, -1)) * 0.5, dim: -1);
        var y = att.matmul(parts[2]).transpose(1, 2).reshape(b, t, 8);
        return proj.call(y);
    }
}
