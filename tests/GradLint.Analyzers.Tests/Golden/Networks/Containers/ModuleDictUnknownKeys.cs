// Reads: module-dict, loop-unknown
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleDict<Linear> layers = new();
    private readonly string[] names;
    public Net(string[] names) : base("Net")
    {
        this.names = names;
        foreach (var name in names)
            layers.Add((name, Linear(8, 8)));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var name in names)
            x = sigmoid(layers[name].forward(x));
        return x;
    }
}
