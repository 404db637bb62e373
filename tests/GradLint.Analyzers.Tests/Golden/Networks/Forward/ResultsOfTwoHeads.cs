// Reads: unreadable, field-initializer
public class Net : Module<Tensor, (Tensor, Tensor)>
{
    private readonly Linear body = Linear(4, 8), policy = Linear(8, 2), value = Linear(8, 1);

    public Net() : base("a2c") => RegisterComponents();

    public override (Tensor, Tensor) forward(Tensor x)
    {
        x = functional.relu(body.call(x));
        return (policy.call(x), value.call(x));
    }
}
