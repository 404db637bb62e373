// Reads: cell, gru, stacked-cells, unreadable
class Net : Module<Tensor, Tensor>
{
    // The first cell reads what the second one computed in the step before: neither runs over a sequence that is there.
    private readonly GRUCell first = GRUCell(4 + 8, 6), second = GRUCell(6, 8);
    private readonly Linear head = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var (h1, h2) = (torch.zeros(x.shape[0], 6), torch.zeros(x.shape[0], 8));
        for (var t = 0; t < x.shape[1]; t++)
        {
            h1 = first.call(torch.cat(new[] { x[.., t, ..], h2 }, 1), h1);
            h2 = second.call(h1, h2);
        }
        return head.call(h2);
    }
}
