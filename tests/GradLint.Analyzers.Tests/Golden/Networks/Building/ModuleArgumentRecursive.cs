// Reads: module-argument, nested-module
class Wrapper : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> fn;
    public Wrapper(Module<Tensor, Tensor> fn) : base("Wrapper")
    {
        this.fn = fn;
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => fn.forward(x) + x;
}
class Net : Module<Tensor, Tensor>
{
    private readonly Wrapper a, b;
    public Net() : base("Net")
    {
        a = new Wrapper(Linear(8, 8));
        b = new Wrapper(Sequential(Linear(8, 32), GELU(), Linear(32, 8)));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => b.forward(a.forward(forward(x)));
}
