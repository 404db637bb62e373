// Reads: attention-by-hand, attention-mask, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Linear q = Linear(16, 16), k = Linear(16, 16), v = Linear(16, 16);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var attn = torch.matmul(q.forward(x), k.forward(x).transpose(-2, -1)) / Math.Sqrt(16);
        // No mask: the signal itself.
        attn = attn + x * 2.0;
        return torch.matmul(attn.softmax(-1), v.forward(x));
    }
}
