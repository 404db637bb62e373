// Reads: lstm, last-step
class Net : Module<Tensor, Tensor>
{
    private readonly LSTM lstm = LSTM(4, 6, batchFirst: true);
    private readonly Dropout dropout = Dropout(0.2);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var (output, _, _) = lstm.call(x);
        return head.call(dropout.call(output)[.., ^1, ..]);
    }
}
