// Reads: module-list, forward-for, lambda
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> fc;
    private readonly int[] sizes = { 8, 16, 16, 2 };
    public Net() : base("Net")
    {
        fc = new ModuleList<Linear>(sizes.Zip(sizes.Skip(1), (a, b) => Linear(a, b)).ToArray());
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        for (var i = 0; i < fc.Count; i++)
            x = i == fc.Count - 1 ? fc[i].call(x) : torch.tanh(fc[i].call(x));
        return x;
    }
}
