// Reads: module-argument, activation-argument, block-helper
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        var shared = Linear(4, 4);
        net = Sequential(With(shared, Tanh()), With(shared, Tanh()));
        RegisterComponents();
    }
    private static Sequential With(Module<Tensor, Tensor> layer, Module<Tensor, Tensor> activation) => Sequential(layer, activation);
    public override Tensor forward(Tensor x) => net.forward(x);
}
