// Reads: cell, product, concatenation
class GatedCell : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear gates = Linear(8, 4), candidate = Linear(8, 4);
    public GatedCell() : base("GatedCell") => RegisterComponents();
    public override Tensor forward(Tensor x, Tensor h)
    {
        var both = torch.cat(new[] { x, h }, 1);
        var z = torch.sigmoid(gates.call(both));
        return z * torch.tanh(candidate.call(both)) + (1 - z) * h;
    }
}
class Net : Module<Tensor, Tensor>
{
    private readonly GatedCell cell = new();
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => cell.call(x, x);
}
