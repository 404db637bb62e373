// Reads: chained-constructor, loop-parameter, list-of-modules
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential body;

    public Net() : this(depth: 2) { }

    public Net(int depth, int width = 8) : base("Net")
    {
        var layers = new List<Module<Tensor, Tensor>>();
        for (var i = 0; i < depth; ++i)
        {
            layers.Add(Linear(width, width));
            layers.Add(ELU());
        }
        body = Sequential(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => body.call(x);
}
