// Reads: cell, gate, concatenation
class Net : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear reset = Linear(12, 4), update = Linear(12, 4), candidate = Linear(12, 4);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x, Tensor h)
    {
        using var both = torch.cat(new[] { x, h }, dim: -1);
        var r = reset.forward(both).sigmoid();
        var z = update.forward(both).sigmoid();
        var n = candidate.forward(torch.cat(new[] { x, r * h }, dim: -1)).tanh();
        return (1 - z) * n + z * h;
    }
}
