// Reads: loop-unknown, module-list, forward-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> cross = new();
    private readonly Linear head = Linear(16, 1);
    public Net(int depth) : base("Net")
    {
        for (int i = 0; i < depth; i++)
            cross.Add(Linear(16, 16));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x0)
    {
        var x = x0;
        foreach (var layer in cross)
            x = x0 * layer.forward(x) + x;
        return head.forward(x);
    }
}
