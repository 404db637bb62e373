// Reads: array-of-modules, sequential-in-class, call-call
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layers;
    public Net() : base("Net")
    {
        Module<Tensor, Tensor>[] parts = { Linear(3, 5), Hardtanh(-2, 2), Linear(5, 1) };
        layers = Sequential(parts);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => layers.call(x);
}
