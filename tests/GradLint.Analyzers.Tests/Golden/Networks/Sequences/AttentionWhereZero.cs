// Reads: attention-by-hand, attention-mask, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Linear q = Linear(16, 16), k = Linear(16, 16), v = Linear(16, 16);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var attn = torch.matmul(q.forward(x), k.forward(x).transpose(-2, -1)) / Math.Sqrt(16);
        var n = x.shape[1];
        // Half of the scores are 0, and none is hidden.
        attn = torch.where(torch.ones(n, n).tril().to(ScalarType.Bool), attn, torch.zeros(n, n));
        return torch.matmul(attn.softmax(-1), v.forward(x));
    }
}
