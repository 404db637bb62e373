// Reads: alternatives, nested-module, choice-unknown
class Block : Module<Tensor, Tensor>
{
    private readonly Linear fc;
    private readonly Module<Tensor, Tensor> norm;
    public Block(int width, bool normalize) : base("Block")
    {
        fc = Linear(width, width);
        norm = normalize ? LayerNorm(width) : Identity();
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => norm.call(fc.call(x)).tanh();
}
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential blocks;
    public Net(bool normalize) : base("Net")
    {
        blocks = Sequential(new Block(4, normalize), new Block(4, normalize), new Block(4, normalize));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => blocks.call(x);
}
