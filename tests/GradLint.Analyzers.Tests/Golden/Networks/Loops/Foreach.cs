// Reads: loop-foreach, list-of-modules, call-forward
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        var modules = new List<Module<Tensor, Tensor>>();
        long last = 3;
        foreach (var width in new[] { 8, 4 })
        {
            modules.Add(Linear(last, width));
            modules.Add(Sigmoid());
            last = width;
        }
        modules.Add(Linear(last, 1));
        net = Sequential(modules);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
