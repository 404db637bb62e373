// Reads: cell, unreadable, initial-state
class Net : Module<Tensor, Tensor>
{
    // The first round begins with another state than null: it is no cell that starts from zeros.
    private readonly GRUCell cell = GRUCell(4, 6);
    private readonly Linear start = Linear(4, 6), head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        Tensor h = null;
        for (var t = 0; t < x.shape[1]; t++)
        {
            if (h is null)
                h = start.call(x[.., 0, ..]);
            h = cell.call(x[.., t, ..], h);
        }
        return head.call(h);
    }
}
