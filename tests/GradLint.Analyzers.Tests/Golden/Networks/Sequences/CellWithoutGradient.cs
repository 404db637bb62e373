// Reads: cell, gru, unreadable
class Net : Module<Tensor, Tensor>
{
    // No gradient reaches the cell.
    private readonly GRUCell cell = GRUCell(4, 6);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var h = torch.zeros(x.shape[0], 6);
        for (var t = 0; t < x.shape[1]; t++)
        {
            using (torch.no_grad())
                h = cell.call(x[.., t, ..], h);
        }
        return head.call(h);
    }
}
