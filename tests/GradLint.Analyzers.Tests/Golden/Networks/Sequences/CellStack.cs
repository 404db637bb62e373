// Reads: cell, lstm, stacked-cells, forward-for
class Net : Module<Tensor, Tensor>
{
    private readonly LSTMCell first = LSTMCell(4, 6), second = LSTMCell(6, 8);
    private readonly Dropout dropout = Dropout(0.2);
    private readonly Linear head = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        Tensor h1 = torch.zeros(x.shape[0], 6), c1 = torch.zeros(x.shape[0], 6);
        Tensor h2 = torch.zeros(x.shape[0], 8), c2 = torch.zeros(x.shape[0], 8);
        for (var t = 0; t < x.shape[1]; t++)
        {
            (h1, c1) = first.call(x[.., t, ..], (h1, c1));
            (h2, c2) = second.call(dropout.call(h1), (h2, c2));
        }
        return head.call(h2);
    }
}
