// Reads: rnn, last-step
class Net : Module<Tensor, Tensor>
{
    private readonly RNN rnn = RNN(4, 6);
    private readonly LayerNorm norm = LayerNorm(6);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var (output, _) = rnn.call(x.permute(1, 0, 2));
        output = norm.call(output.permute(1, 0, 2));
        return head.call(output.select(1, output.size(1) - 1));
    }
}
