// Reads: lstm, indexing, using-var
class Net : Module<Tensor, Tensor>
{
    private readonly LSTM lstm = LSTM(10, 32, batchFirst: true);
    private readonly Linear head = Linear(32, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var (output, hidden, cell) = lstm.forward(x);
        return head.forward(output[.., -1, ..]);
    }
}
