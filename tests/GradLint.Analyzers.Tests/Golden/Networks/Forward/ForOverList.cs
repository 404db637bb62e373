// Reads: forward-for, list-of-modules, dispose-scope
class Net : Module<Tensor, Tensor>
{
    private readonly List<Linear> layers = new();
    public Net() : base("Net")
    {
        layers.Add(Linear(2, 3));
        layers.Add(Linear(3, 4));
        register_module("l0", layers[0]);
        register_module("l1", layers[1]);
    }
    public override Tensor forward(Tensor x)
    {
        using var _ = NewDisposeScope();
        for (var i = 0; i < layers.Count; i++)
            x = layers[i].forward(x).tanh();
        return x.MoveToOuterDisposeScope();
    }
}
