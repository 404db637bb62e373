// Reads: old-names, constructor-assignment, activation-functional
class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv = Conv2d(inputChannel: 3, outputChannel: 8, kernelSize: 3, bias: false);
    private readonly InstanceNorm2d inorm = InstanceNorm2d(features: 8, affine: true);
    private readonly BatchNorm2d bn = BatchNorm2d(features: 8);
    private readonly LayerNorm ln;
    public Net() : base("Net")
    {
        ln = LayerNorm(8, 1e-5, false);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => ln.forward(nn.functional.SiLU(bn.forward(inorm.forward(conv.forward(x)))));
}
