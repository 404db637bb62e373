// Reads: loop-unknown, module-list, forward-foreach, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> left = new(), right = new();
    private readonly Linear head = Linear(16, 1);
    public Net(int depth) : base("Net")
    {
        for (int i = 0; i < depth; i++)
        {
            left.Add(Linear(16, 16));
            right.Add(Linear(16, 16));
        }
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var y = x;
        for (int i = 0; i < left.Count; i++)
        {
            x = x + tanh(left[i].forward(y));
            y = y + tanh(right[i].forward(x));
        }
        return head.forward(y);
    }
}
