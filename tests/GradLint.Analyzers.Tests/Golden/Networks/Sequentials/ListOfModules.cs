// Reads: list-of-modules, straight-add, activation-module
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layers;
    public Net() : base("Net")
    {
        var list = new List<Module<Tensor, Tensor>> { Linear(3, 6) };
        list.Add(SiLU());
        list.AddRange(new Module<Tensor, Tensor>[] { Linear(6, 6), BatchNorm1d(6), SiLU() });
        list.Add(Linear(6, 1));
        layers = Sequential(list);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => layers.forward(x);
}
