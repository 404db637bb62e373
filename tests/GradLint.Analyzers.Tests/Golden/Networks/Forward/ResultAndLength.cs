// Reads: several-inputs
public class Net : Module<Tensor, Tensor, (Tensor, Tensor)>
{
    private readonly Conv1d conv = Conv1d(4, 8, 3, stride: 2);
    private readonly Linear head = Linear(8, 5);

    public Net() : base("encoder") => RegisterComponents();

    // The lengths are no result of any layer: nothing trains them.
    public override (Tensor, Tensor) forward(Tensor x, Tensor length)
    {
        x = functional.relu(conv.call(x));
        return (head.call(x.transpose(1, 2)), (length - 3) / 2 + 1);
    }
}
