// Reads: collection-expression, array-of-modules, sequential-in-class
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        Module<Tensor, Tensor>[] parts = [Linear(3, 4), ReLU(), Linear(4, 1)];
        net = Sequential(parts);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.call(x);
}
