// Reads: attention-by-hand, math
class Net : Module<Tensor, Tensor>
{
    private const int Width = 16;
    private readonly Linear q = Linear(Width, Width), k = Linear(Width, Width), v = Linear(Width, Width), o = Linear(Width, Width);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var scores = torch.matmul(q.call(x), k.call(x).transpose(-2, -1)) / Math.Sqrt(Width);
        var weights = scores.softmax(-1);
        return o.call(torch.matmul(weights, v.call(x)));
    }
}
