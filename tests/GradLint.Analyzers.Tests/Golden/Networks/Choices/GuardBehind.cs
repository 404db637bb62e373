// Reads: guard, forward-if
public class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d squeeze = Conv2d(8, 2, 1), excite = Conv2d(2, 8, 1);

    public Net() : base("se") => RegisterComponents();

    private Tensor Scale(Tensor x)
    {
        var s = functional.adaptive_avg_pool2d(x, 1);
        return sigmoid(excite.call(functional.relu(squeeze.call(s))));
    }

    public override Tensor forward(Tensor input)
    {
        if ((input.ndim == 4 && input.shape[1] == 8) || (input.ndim == 3 && input.shape[0] == 8))
        {
            using var _ = NewDisposeScope();
            return (Scale(input) * input).MoveToOuterDisposeScope();
        }

        throw new ArgumentException("Expected three or four dimensions.");
    }
}
