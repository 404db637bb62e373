// Reads: loop-literal, straight-add, list-wrapped-later
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        var list = new List<Module<Tensor, Tensor>>();
        var size = 32;
        while (true)
        {
            list.Add(Linear(size, size / 2));
            size /= 2;
            if (size <= 8)
                break;
            list.Add(CELU(0.5));
        }
        net = Sequential(list);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
