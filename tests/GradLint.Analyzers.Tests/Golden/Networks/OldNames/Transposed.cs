// Reads: old-names, named-arguments, init-weight
class Net : Module<Tensor, Tensor>
{
    private readonly ConvTranspose2d up = ConvTranspose2d(8, 4, kernelSize: 4, stride: 2, padding: 1, outputPadding: 0);
    private readonly AdaptiveAvgPool2d pool = AdaptiveAvgPool2d(outputSize: 2);
    public Net() : base("Net")
    {
        init.xavier_uniform_(up.weight, 2);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        x = functional.tanh(up.forward(x));
        return functional.max_pool2d(pool.forward(x), kernelSize: 2);
    }
}
