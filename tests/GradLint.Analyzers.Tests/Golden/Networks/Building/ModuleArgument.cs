// Reads: module-argument, nested-module, sequential-in-class, this-assignment
class Wrapper : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> fn;
    private readonly LayerNorm norm;
    public Wrapper(int dim, Module<Tensor, Tensor> fn) : base("PreNorm")
    {
        norm = LayerNorm(dim);
        this.fn = fn;
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => fn.forward(norm.forward(x)) + x;
}
class Net : Module<Tensor, Tensor>
{
    private readonly Wrapper a, b;
    public Net() : base("Net")
    {
        a = new Wrapper(8, Linear(8, 8));
        b = new Wrapper(8, Sequential(Linear(8, 32), GELU(), Linear(32, 8)));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => b.forward(a.forward(x));
}
