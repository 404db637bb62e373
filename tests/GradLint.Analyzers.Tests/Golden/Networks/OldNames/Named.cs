// Reads: old-names, named-arguments, sequential-params
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        net = Sequential(
            Conv1d(inputChannel: 2, outputChannel: 4, kernelSize: 3, bias: false),
            BatchNorm1d(features: 4),
            Tanh(),
            Flatten(startDim: 1));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
