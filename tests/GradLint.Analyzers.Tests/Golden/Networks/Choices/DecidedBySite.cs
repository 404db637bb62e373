// Reads: alternatives, construction-site, choice-of-layer
static class Program
{
    static void Main() => Console.WriteLine(new Net("tanh", useBn: false));
}
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(4, 8), fc2 = Linear(8, 2);
    private readonly BatchNorm1d bn;
    private readonly Func<Tensor, Tensor> act;
    public Net(string activation, bool useBn) : base("Net")
    {
        bn = useBn ? BatchNorm1d(8) : null;
        if (activation == "relu") act = x => x.relu();
        else if (activation is "tanh" or "Tanh") act = x => x.tanh();
        else throw new ArgumentException(activation);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        x = fc1.call(x);
        if (bn is not null)
            x = bn.call(x);
        return fc2.call(act(x));
    }
}
