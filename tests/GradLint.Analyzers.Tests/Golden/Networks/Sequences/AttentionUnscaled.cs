// Reads: attention-by-hand, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Linear q = Linear(16, 16), k = Linear(16, 16), v = Linear(16, 16);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var attn = torch.bmm(q.forward(x), k.forward(x).transpose(1, 2)).softmax(-1);
        return torch.bmm(attn, v.forward(x));
    }
}
