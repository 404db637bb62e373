// Reads: lstm, gru, last-step
class Net : Module<Tensor, Tensor>
{
    private readonly LSTM lstm = LSTM(4, 6, batchFirst: true);
    private readonly GRU gru = GRU(4, 6);
    private readonly Linear head = Linear(12, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var (a, _, _) = lstm.call(x);
        var (b, _) = gru.call(x.transpose(0, 1));
        var steps = b.size(0);
        return head.call(torch.cat(new[] { a.select(1, a.shape[1] - 1), b[steps - 1] }, 1));
    }
}
