// Reads: loop-parameter, chained-constructor, forward-for
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Module<Tensor, Tensor>> layers = new();
    public Net() : this(2) { }
    public Net(int count) : base("Net")
    {
        for (var i = 0; i < count; i++)
            layers.Add(Linear(5, 5));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        for (var i = 0; i < layers.Count; i++)
            x = layers[i].forward(x).sigmoid();
        return x;
    }
}
