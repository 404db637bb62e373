// Reads: product, pooling, view
class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv = Conv2d(8, 8, 3, padding: 1);
    private readonly AdaptiveAvgPool2d pool = AdaptiveAvgPool2d(1);
    private readonly Sequential fc = Sequential(Linear(8, 2, hasBias: false), ReLU(), Linear(2, 8, hasBias: false), Sigmoid());
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        x = conv.forward(x);
        var (b, c) = (x.shape[0], x.shape[1]);
        var y = pool.forward(x).view(b, c);
        y = fc.forward(y).view(b, c, 1, 1);
        return x * y.expand_as(x);
    }
}
