// Reads: forward-conditional, residual-plus, nested-module
class Block : Module<Tensor, Tensor>
{
    private readonly Conv2d conv, downsample;
    public Block(int from, int to) : base("Block")
    {
        conv = Conv2d(from, to, 3, padding: 1);
        downsample = from == to ? null : Conv2d(from, to, 1);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var shortcut = downsample is null ? x : downsample.forward(x);
        return functional.relu(conv.forward(x) + shortcut);
    }
}
class Net : Module<Tensor, Tensor>
{
    private readonly Block same = new(4, 4), wider = new(4, 8);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => wider.forward(same.forward(x));
}
