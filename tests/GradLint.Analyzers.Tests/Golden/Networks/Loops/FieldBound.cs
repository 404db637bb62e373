// Reads: loop-field, list-of-modules, constants
class Net : Module<Tensor, Tensor>
{
    private const int Blocks = 2;
    private static readonly int Channels = 4;
    private readonly Sequential body;
    public Net() : base("Net")
    {
        var list = new List<Module<Tensor, Tensor>>();
        for (int b = 0; b < Blocks; b++)
        {
            list.Add(Conv2d(Channels, Channels, 3, padding: 1, bias: false));
            list.Add(BatchNorm2d(Channels));
            list.Add(ReLU());
        }
        body = Sequential(list);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => body.forward(x);
}
