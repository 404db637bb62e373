// Reads: list-wrapped-later, module-list, forward-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Module<Tensor, Tensor>> layers;
    public Net() : base("Net")
    {
        var list = new List<Module<Tensor, Tensor>>();
        list.Add(Linear(3, 3));
        list.Add(Linear(3, 3));
        layers = new ModuleList<Module<Tensor, Tensor>>(list.ToArray());
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var layer in layers)
            x = functional.relu(layer.forward(x));
        return x;
    }
}
