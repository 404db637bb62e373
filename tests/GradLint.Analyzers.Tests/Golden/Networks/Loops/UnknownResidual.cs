// Reads: loop-unknown, module-list, forward-foreach, nested-module, residual-plus
class Block : Module<Tensor, Tensor>
{
    private readonly Linear a, b;
    public Block(int width) : base("Block")
    {
        a = Linear(width, 4 * width);
        b = Linear(4 * width, width);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => x + b.forward(nn.functional.relu(a.forward(x)));
}
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Block> blocks;
    private readonly Linear head = Linear(64, 10);
    public Net(int depth) : base("Net")
    {
        blocks = new ModuleList<Block>(Enumerable.Range(0, depth).Select(_ => new Block(64)).ToArray());
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var block in blocks)
            x = block.forward(x);
        return head.forward(x);
    }
}
