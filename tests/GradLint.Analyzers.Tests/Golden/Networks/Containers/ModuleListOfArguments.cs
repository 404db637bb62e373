// Reads: module-list, forward-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> fc = new ModuleList<Linear>(Linear(4, 8), Linear(8, 8));
    private readonly ModuleList<Module<Tensor, Tensor>> norms;
    public Net() : base("Net")
    {
        norms = new ModuleList<Module<Tensor, Tensor>>(new Module<Tensor, Tensor>[] { LayerNorm(8), LayerNorm(8) });
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var (layer, norm) in fc.Zip(norms))
            x = norm.forward(layer.forward(x)).tanh();
        return x;
    }
}
