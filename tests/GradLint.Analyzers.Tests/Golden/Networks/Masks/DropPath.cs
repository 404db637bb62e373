// Reads: dropout-by-hand, training-flag
class DropPath : Module<Tensor, Tensor>
{
    private readonly double p;
    public DropPath(double p) : base("DropPath") => this.p = p;
    public override Tensor forward(Tensor x)
    {
        if (p == 0.0 || !training)
            return x;
        var keep = 1 - p;
        var mask = torch.rand(x.shape[0], 1, 1, 1) + keep;
        mask.floor_();
        return x.div(keep) * mask;
    }
}
class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(8, 8, 3, padding: 1), conv2 = Conv2d(8, 8, 3, padding: 1);
    private readonly DropPath drop1 = new(0.1), drop2 = new(0);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        x = x + drop1.forward(conv1.forward(x));
        return x + drop2.forward(conv2.forward(x));
    }
}
