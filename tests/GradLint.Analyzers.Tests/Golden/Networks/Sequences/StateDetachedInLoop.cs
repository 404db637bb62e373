// Reads: cell, unreadable, initial-state
class Net : Module<Tensor, Tensor>
{
    // The gradient goes back one step only.
    private readonly GRUCell cell = GRUCell(4, 6);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var h = torch.zeros(x.shape[0], 6);
        for (var t = 0; t < x.shape[1]; t++)
            h = cell.call(x[.., t, ..], h.detach());
        return head.call(h);
    }
}
