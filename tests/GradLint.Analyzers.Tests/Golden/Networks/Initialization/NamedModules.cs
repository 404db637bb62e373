// Reads: init-modules, nested-module, conditional-access
class Block : Module<Tensor, Tensor>
{
    public readonly Linear proj = Linear(4, 4);
    public Block() : base("Block") => RegisterComponents();
    public override Tensor forward(Tensor x) => proj.forward(x).relu();
}
class Net : Module<Tensor, Tensor>
{
    private readonly Block a = new(), b = new();
    public Net() : base("Net")
    {
        RegisterComponents();
        foreach (var (name, module) in named_modules())
        {
            if (name.StartsWith("b") && module is Linear linear)
                init.xavier_uniform_(linear?.weight, gain: 2);
        }
    }
    public override Tensor forward(Tensor x) => b.forward(a.forward(x));
}
