// Reads: cell, unreadable, forward-for
class Net : Module<Tensor, Tensor>
{
    private readonly LSTMCell cell = LSTMCell(4, 6);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var h = torch.zeros(x.shape[1], 6);
        var c = torch.zeros(x.shape[1], 6);
        for (int t = 0; t < x.shape[0]; t++)
            (h, c) = cell.call(x[t], (h, c));
        return head.call(h);
    }
}
