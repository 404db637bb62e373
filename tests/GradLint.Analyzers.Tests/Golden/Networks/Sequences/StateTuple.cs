// Reads: cell, lstm, forward-for, initial-state
class Net : Module<Tensor, Tensor>
{
    private readonly LSTMCell cell = LSTMCell(4, 6);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    private static (Tensor h, Tensor c) InitHidden(long batch) => (torch.zeros(batch, 6), torch.zeros(batch, 6));
    public override Tensor forward(Tensor x)
    {
        var state = InitHidden(x.shape[0]);
        for (long t = 0; t < x.shape[1]; t++)
            state = cell.call(x.select(1, t), state);
        return head.call(state.h);
    }
}
