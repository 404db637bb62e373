// Reads: loop-unknown, list-of-modules, forward-for
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> fc;
    public Net(long[] sizes) : base("Net")
    {
        var list = new List<Linear>();
        for (var i = 0; i < sizes.Length - 1; i++)
            list.Add(Linear(sizes[i], sizes[i + 1]));
        fc = ModuleList(list.ToArray());
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        for (int i = 0; i < fc.Count - 1; i++)
            x = torch.sigmoid(fc[i].call(x));
        return fc[fc.Count - 1].call(x);
    }
}
