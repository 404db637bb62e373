// Reads: choice-of-layer, straight-add, sequential-in-class
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net(bool batchNorm = true, double dropout = 0) : base("Net")
    {
        var list = new List<Module<Tensor, Tensor>>();
        list.Add(Conv2d(1, 2, 3));
        if (batchNorm)
            list.Add(BatchNorm2d(2));
        list.Add(ReLU());
        if (dropout > 0)
        {
            list.Add(Dropout(dropout));
        }
        else
        {
            list.Add(Identity());
        }
        net = Sequential(list);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
