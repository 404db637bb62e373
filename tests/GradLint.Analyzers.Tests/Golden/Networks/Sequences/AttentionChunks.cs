// Reads: attention-by-hand
class Net : Module<Tensor, Tensor>
{
    private readonly Linear toQkv, toOut;
    private readonly Softmax attend = Softmax(-1);
    private readonly double scale;
    private readonly int heads;
    public Net(int dim, int heads = 8) : base("Net")
    {
        this.heads = heads;
        scale = Math.Pow(dim / heads, -0.5);
        toQkv = Linear(dim, dim * 3, hasBias: false);
        toOut = Linear(dim, dim);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var (b, n, c) = (x.shape[0], x.shape[1], x.shape[2]);
        var qkv = toQkv.forward(x).chunk(3, -1);
        var q = qkv[0].view(b, n, heads, c / heads).permute(0, 2, 1, 3);
        var k = qkv[1].view(b, n, heads, c / heads).permute(0, 2, 1, 3);
        var v = qkv[2].view(b, n, heads, c / heads).permute(0, 2, 1, 3);
        var dots = torch.matmul(q, k.transpose(2, 3)) * scale;
        var attn = attend.forward(dots);
        return toOut.forward(torch.matmul(attn, v).permute(0, 2, 1, 3).reshape(b, n, c));
    }
}
