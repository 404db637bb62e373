// Reads: loop-unknown, array-of-modules, forward-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layers;
    public Net(int depth, int width) : base("Net")
    {
        var modules = new Module<Tensor, Tensor>[depth];
        modules[0] = Linear(2, width);
        for (int i = 1; i < depth; i++)
            modules[i] = Sequential(Tanh(), Linear(width, width));
        layers = Sequential(modules);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => layers.forward(x);
}
