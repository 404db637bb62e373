// Reads: sequential-tuples, sequential-in-class, activation-module, constants
class Net : Module<Tensor, Tensor>
{
    private const int Hidden = 32;
    private readonly Sequential seq;

    public Net() : base("Net")
    {
        seq = Sequential(
            ("fc1", Linear(4, Hidden)),
            ("relu", ReLU()),
            ("drop", Dropout(0.1)),
            ("fc2", Linear(Hidden, 3)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => seq.forward(x);
}
