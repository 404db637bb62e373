// Reads: choice-unknown, list-of-modules, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    private readonly Linear head = Linear(4, 1);
    public Net(bool normalize) : base("Net")
    {
        var list = new List<Module<Tensor, Tensor>> { Linear(4, 4) };
        if (normalize)
            list.Add(LayerNorm(4));
        list.Add(Sigmoid());
        net = Sequential(list);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => head.forward(net.forward(x));
}
