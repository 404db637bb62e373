// Reads: array-of-modules, sequential-tuples, named-arguments
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layers;
    public Net() : base("Net")
    {
        var parts = new (string, Module<Tensor, Tensor>)[]
        {
            ("up", ConvTranspose2d(in_channels: 16, out_channels: 8, kernel_size: 4, stride: 2, padding: 1, bias: false)),
            ("norm", BatchNorm2d(8)),
            ("act", Tanh()),
        };
        layers = Sequential(parts);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => layers.forward(x);
}
