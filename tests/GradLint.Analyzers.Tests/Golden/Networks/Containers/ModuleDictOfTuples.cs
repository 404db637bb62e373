// Reads: module-dict, module-list
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleDict<Module<Tensor, Tensor>> parts = ModuleDict<Module<Tensor, Tensor>>(("first", Linear(4, 8)), ("act", GELU()));
    private readonly ModuleDict<Linear> heads = new();
    public Net() : base("Net")
    {
        parts.Add("norm", LayerNorm(8));
        heads.Add(("policy", Linear(8, 2)));
        heads.Add(("value", Linear(8, 1)));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var (_, part) in parts)
            x = part.forward(x);
        return heads["policy"].forward(x);
    }
}
