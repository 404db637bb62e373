// Reads: list-of-pairs, straight-add, sequential-in-class
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layers;
    public Net() : base("Net")
    {
        var modules = new List<(string, Module<Tensor, Tensor>)>();
        modules.Add(("conv1", Conv2d(1, 32, (3, 3))));
        modules.Add(("relu1", ReLU()));
        modules.Add(("flatten", Flatten()));
        modules.Add(("fc", Linear(21632, 10)));
        layers = Sequential(modules);
        RegisterComponents();
    }
    public override Tensor forward(Tensor input) => layers.forward(input);
}
