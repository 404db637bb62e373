// Reads: final-state, rnn, activation-torch
public class Net : Module<Tensor, Tensor>
{
    private readonly RNN rnn = RNN(4, 8, 2);
    private readonly Linear fc = Linear(8, 1);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var result = rnn.call(x);
        return sigmoid(fc.forward(result.Item2.select(0, 1)));
    }
}
