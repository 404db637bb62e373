// Reads: choice-unknown, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(4, 4);
    private readonly Sequential net = Sequential();
    public Net(bool a, bool b, bool c, bool d) : base("Net")
    {
        if (a) net.append(Tanh());
        if (b) net.append(Linear(4, 4));
        if (c) net.append(Sigmoid());
        if (d) net.append(Linear(4, 4));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.call(fc.call(x));
}
