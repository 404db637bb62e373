// Reads: old-names, call-forward, pooling
class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv = Conv2d(1, 32, 3, 2, 1);
    private readonly BatchNorm2d bn = BatchNorm2d(32);
    private readonly MaxPool2d pool = MaxPool2d(2);
    private readonly Linear fc = Linear(128, 10);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        x = pool.forward(functional.SiLU(bn.forward(conv.forward(x))));
        return functional.Sigmoid(fc.forward(x.view(-1, 128)));
    }
}
