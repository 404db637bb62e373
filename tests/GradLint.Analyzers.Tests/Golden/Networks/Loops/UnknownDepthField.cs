// Reads: loop-unknown, forward-for, module-list
class Net : Module<Tensor, Tensor>
{
    private readonly int depth;
    private readonly ModuleList<Conv2d> convs = new();
    private readonly ModuleList<BatchNorm2d> norms = new();
    private readonly Conv2d stem = Conv2d(3, 32, 3, padding: 1);
    private readonly Linear head = Linear(32, 10);
    public Net(int depth) : base("Net")
    {
        this.depth = depth;
        for (int i = 0; i < depth; i++)
        {
            convs.Add(Conv2d(32, 32, 3, padding: 1, bias: false));
            norms.Add(BatchNorm2d(32));
        }
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        x = nn.functional.relu(stem.forward(x));
        for (int i = 0; i < depth; i++)
            x = nn.functional.relu(norms[i].forward(convs[i].forward(x)));
        return head.forward(x.mean(new long[] { 2, 3 }));
    }
}
