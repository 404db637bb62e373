// Reads: lambda, activation-argument, list-of-modules
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : this(() => Tanh()) { }
    public Net(Func<Module<Tensor, Tensor>> activation) : base("Net")
    {
        net = Sequential(Linear(3, 3), activation(), Linear(3, 3), activation());
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
