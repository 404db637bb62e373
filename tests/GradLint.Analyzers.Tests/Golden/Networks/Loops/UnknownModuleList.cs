// Reads: loop-unknown, module-list, forward-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> fc = new();
    private readonly Linear head;
    public Net(int depth, int width) : base("Net")
    {
        fc.Add(Linear(2, width));
        for (int i = 1; i < depth; i++)
            fc.Add(Linear(width, width));
        head = Linear(width, 1);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var m in fc)
            x = tanh(m.forward(x));
        return head.forward(x);
    }
}
