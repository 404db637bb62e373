// Reads: lstm, initial-state, forward-if
class Net : Module<Tensor, Tensor>
{
    private readonly LSTM lstm = LSTM(4, 6, batchFirst: true);
    private readonly Linear head = Linear(6, 2);
    private Tensor h, c;
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        if (h is null)
        {
            h = torch.zeros(1, x.shape[0], 6);
            c = torch.zeros(1, x.shape[0], 6);
        }
        (var output, h, c) = lstm.call(x, (h.detach(), c.detach()));
        return head.call(output[.., ^1, ..]);
    }
}
