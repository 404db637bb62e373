// Reads: list-wrapped-later, list-of-modules, loop-parameter
class Net : Module<Tensor, Tensor>
{
    private readonly List<Module<Tensor, Tensor>> modules = new List<Module<Tensor, Tensor>>();
    private Sequential net;

    public Net(int blocks = 2) : base("Net")
    {
        modules.Add(Linear(1, 4));
        for (int i = 0; i < blocks; i++)
            AddBlock(4);
        Finish();
        RegisterComponents();
    }

    private void AddBlock(int width)
    {
        modules.Add(Tanh());
        modules.Add(Linear(width, width));
    }

    private void Finish() => net = Sequential(modules);

    public override Tensor forward(Tensor x) => net.forward(x);
}
