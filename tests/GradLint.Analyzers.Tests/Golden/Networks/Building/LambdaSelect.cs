// Reads: lambda, array-of-modules, list-wrapped-later
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        var widths = new[] { 4, 8, 16 };
        var layers = widths.Select(w => Linear(w, 2 * w)).ToArray<Module<Tensor, Tensor>>();
        net = Sequential(layers);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
