// Reads: rnn, named-arguments, activation-tensor-method
class Net : Module<Tensor, Tensor>
{
    private readonly RNN rnn = RNN(inputSize: 3, hiddenSize: 7, nonLinearity: NonLinearities.ReLU);
    private readonly Linear fc = Linear(7, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var (y, _) = rnn.call(x);
        return fc.call(y).sigmoid();
    }
}
