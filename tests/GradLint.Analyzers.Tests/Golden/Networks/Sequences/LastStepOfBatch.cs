// Reads: rnn, last-step, unreadable
class Net : Module<Tensor, Tensor>
{
    // Time is the other dimension: this is one sample of the batch.
    private readonly RNN rnn = RNN(4, 6);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var (output, _) = rnn.call(x);
        return head.call(output.select(1, output.size(1) - 1));
    }
}
