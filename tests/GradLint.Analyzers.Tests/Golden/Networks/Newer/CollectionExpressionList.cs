// Reads: collection-expression, list-of-modules, loop-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        List<Module<Tensor, Tensor>> parts = [];
        int last = 2;
        foreach (var width in (int[])[4, 8])
        {
            parts.Add(Linear(last, width));
            last = width;
        }
        net = Sequential(parts);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.call(x);
}
