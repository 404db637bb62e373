// Reads: rnn, cast, call-call
class Net : Module<Tensor, Tensor>
{
    private readonly RNN rnn = RNN(3, 5, numLayers: 1, batchFirst: true);
    private readonly Linear fc = Linear(5, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        (Tensor output, Tensor state) = rnn.call(x);
        return fc.forward(state.squeeze(0));
    }
}
