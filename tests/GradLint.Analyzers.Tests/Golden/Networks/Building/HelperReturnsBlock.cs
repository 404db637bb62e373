// Reads: block-helper, sequential-params, pooling
class Net : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> down1, down2;
    public Net() : base("Net")
    {
        down1 = ConvBlock(1, 4);
        down2 = ConvBlock(4, 8, pool: false);
        RegisterComponents();
    }
    private Module<Tensor, Tensor> ConvBlock(int from, int to, bool pool = true)
    {
        var conv = Conv2d(from, to, 3, padding: 1);
        return pool ? Sequential(conv, ReLU(), MaxPool2d(2)) : Sequential(conv, ReLU());
    }
    public override Tensor forward(Tensor x) => down2.forward(down1.forward(x));
}
