// Reads: cell, gru, forward-for, initial-state
class Net : Module<Tensor, Tensor>
{
    private readonly GRUCell cell = GRUCell(4, 6);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        Tensor h = null;
        for (var t = 0; t < x.shape[1]; t++)
            h = cell.call(x[.., t, ..], h);
        return head.call(h);
    }
}
