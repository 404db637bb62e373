// Reads: attention-by-hand, attention-mask, buffer
class Net : Module<Tensor, Tensor>
{
    private readonly Linear q = Linear(16, 16), k = Linear(16, 16), v = Linear(16, 16);
    private readonly Tensor mask;
    public Net(int length = 32) : base("Net")
    {
        mask = torch.full(length, length, float.NegativeInfinity).triu(1);
        register_buffer("mask", mask);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var attn = torch.matmul(q.forward(x), k.forward(x).transpose(-2, -1)) / Math.Sqrt(16);
        attn = attn + mask[TensorIndex.Slice(0, x.shape[1]), TensorIndex.Slice(0, x.shape[1])];
        return torch.matmul(attn.softmax(-1), v.forward(x));
    }
}
