// Reads: nested-module, property, expression-body
class Net : Module<Tensor, Tensor>
{
    private class Block : Module<Tensor, Tensor>
    {
        public Linear Inner { get; }
        public Block(long size) : base("Block") { Inner = Linear(size, size); RegisterComponents(); }
        public override Tensor forward(Tensor x) => Inner.forward(x).selu();
    }

    private readonly Block first = new(5), second = new(5);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x) => second.forward(first.forward(x));
}
