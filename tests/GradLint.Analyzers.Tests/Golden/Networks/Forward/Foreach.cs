// Reads: forward-foreach, module-list, residual-plus
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Module<Tensor, Tensor>> blocks;
    public Net() : base("Net")
    {
        blocks = new ModuleList<Module<Tensor, Tensor>>(Linear(4, 4), Linear(4, 4));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var block in blocks)
        {
            x = x + block.forward(x).relu();
        }
        return x;
    }
}
