// Reads: switch, activation-functional, forward-helper
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(3, 3), fc2 = Linear(3, 3);
    private readonly string activation;
    public Net(string activation = "silu") : base("Net")
    {
        this.activation = activation;
        RegisterComponents();
    }
    private Tensor Activate(Tensor x)
    {
        switch (activation.ToLower())
        {
            case "relu":
                return functional.relu(x);
            case "silu":
            case "swish":
                return functional.silu(x);
            default:
                throw new NotSupportedException(activation);
        }
    }
    public override Tensor forward(Tensor x) => Activate(fc2.forward(Activate(fc1.forward(x))));
}
