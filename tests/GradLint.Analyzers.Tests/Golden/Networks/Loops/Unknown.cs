// Reads: loop-unknown, list-of-modules, sequential-in-class
class Net : Module<Tensor, Tensor>
{
    private readonly Linear stem = Linear(2, 16);
    private readonly Sequential body;
    private readonly Linear head = Linear(16, 1);
    public Net(int depth) : base("Net")
    {
        var layers = new List<Module<Tensor, Tensor>>();
        for (int i = 0; i < depth; i++)
        {
            layers.Add(Linear(16, 16));
            layers.Add(ReLU());
        }
        body = Sequential(layers);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => head.forward(body.forward(stem.forward(x)));
}
