// Reads: attention-by-hand, attention-mask, several-inputs
class Net : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear q = Linear(16, 16), k = Linear(16, 16), v = Linear(16, 16);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x, Tensor mask)
    {
        var attn = torch.matmul(q.forward(x), k.forward(x).transpose(-2, -1)) / Math.Sqrt(16);
        var extended = (1.0 - mask.unsqueeze(1).to(ScalarType.Float32)) * -10000.0;
        attn = attn + extended;
        return torch.matmul(attn.softmax(-1), v.forward(x));
    }
}
