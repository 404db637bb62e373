// Reads: straight-add, module-list, forward-for
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Module<Tensor, Tensor>> stack = new ModuleList<Module<Tensor, Tensor>>();
    public Net() : base("Net")
    {
        stack.Add(Linear(3, 4));
        stack.Add(Softsign());
        stack.Add(Linear(4, 5));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        for (int i = 0; i < stack.Count; ++i)
        {
            x = stack[i].call(x);
        }
        return x;
    }
}
