// Reads: cell, gate, product
class GatedCell : Module<Tensor, Tensor, Tensor, (Tensor, Tensor)>
{
    private readonly Linear gates = Linear(4 + 6, 4 * 6);
    public GatedCell() : base("GatedCell") => RegisterComponents();
    public override (Tensor, Tensor) forward(Tensor x, Tensor h, Tensor c)
    {
        var parts = gates.call(torch.cat(new[] { x, h }, 1)).split(6, 1);
        var (i, f, g, o) = (parts[0].sigmoid(), parts[1].sigmoid(), parts[2].tanh(), parts[3].sigmoid());
        var next = f * c + i * g;
        return (o * next.tanh(), next);
    }
}
class Net : Module<Tensor, Tensor>
{
    private readonly GatedCell cell = new();
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var zeros = torch.zeros(x.shape[0], 6);
        var (h, _) = cell.call(x, zeros, zeros);
        return head.call(h);
    }
}
