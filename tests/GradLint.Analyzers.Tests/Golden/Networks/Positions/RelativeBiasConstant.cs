// Reads: attention-bias, attention-by-hand
class Net : Module<Tensor, Tensor>
{
    private readonly Linear q = Linear(16, 16), k = Linear(16, 16), v = Linear(16, 16);
    private readonly Parameter bias;
    public Net() : base("Net")
    {
        bias = Parameter(torch.ones(1, 9, 9));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var attn = bias + q.forward(x).matmul(k.forward(x).transpose(-2, -1)) / Math.Sqrt(16);
        return attn.softmax(-1).matmul(v.forward(x));
    }
}
