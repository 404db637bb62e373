// Reads: guard, unreadable
public class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(16, 8), fc2 = Linear(8, 2), other = Linear(16, 2);

    public Net() : base("Net") => RegisterComponents();

    // Behind the first way is a second one: which is taken, the tensor decides.
    public override Tensor forward(Tensor x)
    {
        if (x.dim() == 2)
            return fc2.call(functional.relu(fc1.call(x)));
        if (x.dim() == 3)
            return other.call(x);
        throw new ArgumentException(nameof(x));
    }
}
