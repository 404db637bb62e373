// Reads: gate, product
class Net : Module<Tensor, Tensor>
{
    private readonly Conv1d conv = Conv1d(8, 32, 3, padding: 1);
    private readonly Linear head = Linear(16, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var halves = conv.forward(x).chunk(2, dim: 1);
        var y = halves[0] * torch.sigmoid(halves[1]);
        return head.forward(y.mean(new long[] { 2 }));
    }
}
