// Reads: loop-unknown, module-list, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> exits = new();
    private readonly Linear head = Linear(16, 2);
    public Net(int depth) : base("Net")
    {
        for (int i = 0; i < depth; i++)
            exits.Add(Linear(16, 16));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var exit in exits)
        {
            x = tanh(exit.forward(x));
            if (x.mean().item<float>() > 0.5f)
                break;
        }
        return head.forward(x);
    }
}
