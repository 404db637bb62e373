// Reads: module-dict, call-forward, property
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleDict<Module<Tensor, Tensor>> parts = new();
    public Net() : base("Net")
    {
        parts["encoder"] = Linear(8, 2);
        parts["decoder"] = Linear(2, 8);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => parts["decoder"].forward(parts["encoder"].forward(x).relu());
}
