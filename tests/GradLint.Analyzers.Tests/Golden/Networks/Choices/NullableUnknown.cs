// Reads: nullable, choice-unknown, alternatives
public class Net : Module<Tensor, Tensor>
{
    private readonly Linear first = Linear(6, 6), head = Linear(6, 1);
    private readonly Dropout drop;

    public Net(double? dropout) : base("Net")
    {
        if (dropout.HasValue)
            drop = Dropout(dropout.Value);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = functional.relu(first.forward(x));
        if (drop != null)
            x = drop.forward(x);
        return head.forward(x);
    }
}
