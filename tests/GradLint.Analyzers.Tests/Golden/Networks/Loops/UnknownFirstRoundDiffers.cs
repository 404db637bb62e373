// Reads: loop-unknown, choice-unknown, list-of-modules
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential body;
    public Net(int depth, int inputs) : base("Net")
    {
        var layers = new List<Module<Tensor, Tensor>>();
        for (int i = 0; i < depth; i++)
        {
            layers.Add(Linear(i == 0 ? inputs : 32, 32));
            layers.Add(Sigmoid());
        }
        layers.Add(Linear(32, 10));
        body = Sequential(layers);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => body.forward(x);
}
