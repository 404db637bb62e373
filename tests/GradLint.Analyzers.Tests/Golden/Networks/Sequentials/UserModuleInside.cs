// Reads: nested-module, sequential-params, residual-plus
class Residual : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> inner;
    public Residual(Module<Tensor, Tensor> inner) : base("Residual") { this.inner = inner; RegisterComponents(); }
    public override Tensor forward(Tensor x) => inner.forward(x) + x;
}
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        net = Sequential(Linear(3, 6), new Residual(Sequential(Linear(6, 6), ReLU())), Linear(6, 2));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
