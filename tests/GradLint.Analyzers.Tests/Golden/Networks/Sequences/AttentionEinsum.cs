// Reads: attention-by-hand
class Net : Module<Tensor, Tensor>
{
    private readonly Linear q = Linear(16, 16), k = Linear(16, 16), v = Linear(16, 16);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var dots = torch.einsum("bid,bjd->bij", q.forward(x) * 0.25, k.forward(x));
        var attn = dots.softmax(-1);
        return torch.einsum("bij,bjd->bid", attn, v.forward(x));
    }
}
