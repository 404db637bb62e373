// Reads: lambda, sequential-tuples, call-call
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        Func<long, long, Module<Tensor, Tensor>> block = (from, to) => Sequential(("fc", Linear(from, to)), ("act", ELU(alpha: 0.5)));
        net = Sequential(("b1", block(3, 6)), ("b2", block(6, 3)));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.call(x);
}
