// Reads: activation-argument, nested-module, forward-conditional
class Block : Module<Tensor, Tensor>
{
    private readonly Linear fc;
    private readonly Module<Tensor, Tensor> activation;
    public Block(int width, Module<Tensor, Tensor> activation = null) : base("Block")
    {
        fc = Linear(width, width);
        this.activation = activation;
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => activation != null ? activation.forward(fc.forward(x)) : fc.forward(x);
}
class Net : Module<Tensor, Tensor>
{
    private readonly Block a = new Block(3, Sigmoid()), b = new Block(3);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => b.forward(a.forward(x));
}
