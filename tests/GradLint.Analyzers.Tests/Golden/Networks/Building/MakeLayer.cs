// Reads: block-helper, loop-parameter, nested-module, residual-plus
class BasicBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d bn1, bn2;
    public BasicBlock(int channels) : base("BasicBlock")
    {
        conv1 = Conv2d(channels, channels, 3, padding: 1, bias: false);
        bn1 = BatchNorm2d(channels);
        conv2 = Conv2d(channels, channels, 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(channels);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var y = bn1.forward(conv1.forward(x)).relu_();
        y = bn2.forward(conv2.forward(y));
        return (y + x).relu_();
    }
}
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    public Net() : base("Net")
    {
        layer1 = MakeLayer(8, 1);
        layer2 = MakeLayer(8, 2);
        RegisterComponents();
    }
    private static Sequential MakeLayer(int channels, int blocks)
    {
        var list = new List<Module<Tensor, Tensor>>();
        for (int i = 0; i < blocks; i++)
            list.Add(new BasicBlock(channels));
        return Sequential(list);
    }
    public override Tensor forward(Tensor x) => layer2.forward(layer1.forward(x));
}
