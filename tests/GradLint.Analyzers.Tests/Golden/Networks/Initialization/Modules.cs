// Reads: init-modules, switch, pooling
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential features = Sequential(Conv2d(3, 8, 3), BatchNorm2d(8), ReLU(), MaxPool2d(2));
    private readonly Linear classifier = Linear(8, 10);
    public Net() : base("Net")
    {
        RegisterComponents();
        foreach (var m in modules())
        {
            switch (m)
            {
                case Conv2d conv:
                    init.kaiming_normal_(conv.weight, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
                    if (conv.bias is not null)
                        init.zeros_(conv.bias);
                    break;
                case BatchNorm2d bn:
                    init.ones_(bn.weight);
                    init.zeros_(bn.bias);
                    break;
                case Linear linear:
                    init.normal_(linear.weight, 0, 0.01);
                    init.constant_(linear.bias, 0);
                    break;
            }
        }
    }
    public override Tensor forward(Tensor x) => classifier.forward(features.forward(x).mean(new long[] { 2, 3 }));
}
