// Reads: init-parameters, sequential-in-class, call-call
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential(Linear(4, 4), ReLU(), Linear(4, 1));
    public Net() : base("Net")
    {
        RegisterComponents();
        foreach (var p in net.parameters())
            init.uniform_(p, -0.1, 0.1);
    }
    public override Tensor forward(Tensor x) => net.call(x);
}
