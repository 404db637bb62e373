// Reads: block-helper, list-of-pairs, activation-module
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        var modules = new List<(string, Module<Tensor, Tensor>)>();
        MakeLayer(modules, "conv1", 3, 8);
        MakeLayer(modules, "conv2", 8, 16);
        net = Sequential(modules);
        RegisterComponents();
    }
    private void MakeLayer(List<(string, Module<Tensor, Tensor>)> modules, string name, long from, long to)
    {
        modules.Add((name, Conv2d(from, to, 3, stride: 2, padding: 1)));
        modules.Add((name + "-norm", InstanceNorm2d(to, affine: true)));
        modules.Add((name + "-relu", ReLU()));
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
