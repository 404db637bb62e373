// Reads: guard, view
public class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(16, 8), fc2 = Linear(8, 2);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        if (x.dim() == 2)
            x = fc1.call(x);
        else
            throw new ArgumentException(nameof(x));
        if (x.shape[1] != 8)
            throw new InvalidOperationException();
        return fc2.call(functional.relu(x));
    }
}
