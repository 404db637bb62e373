// Reads: lstm, several-inputs
class Net : Module<Tensor, Tensor>
{
    private readonly LSTM lstm = LSTM(4, 8);
    private readonly Linear head = Linear(8, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var h0 = torch.zeros(1, x.shape[1], 8);
        var c0 = torch.zeros(1, x.shape[1], 8);
        var (output, hn, cn) = lstm.call(x, (h0, c0));
        return head.call(output);
    }
}
