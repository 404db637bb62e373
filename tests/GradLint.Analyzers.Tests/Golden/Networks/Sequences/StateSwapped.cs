// Reads: cell, unreadable, initial-state
class Net : Module<Tensor, Tensor>
{
    // The memory goes where the state belongs: no LSTM does that.
    private readonly LSTMCell cell = LSTMCell(4, 6);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var (h, c) = (torch.zeros(x.shape[0], 6), torch.zeros(x.shape[0], 6));
        for (var t = 0; t < x.shape[1]; t++)
        {
            var (output, memory) = cell.call(x[.., t, ..], (h, c));
            (h, c) = (memory, output);
        }
        return head.call(h);
    }
}
