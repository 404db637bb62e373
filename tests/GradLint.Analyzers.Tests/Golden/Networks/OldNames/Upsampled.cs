// Reads: upsample, sequential-params
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential(
        Upsample(scale_factor: new double[] { 2, 2 }),
        Conv2d(16, 8, 3, padding: 1), ReLU(),
        Upsample(scale_factor: new[] { 2.0, 2.0 }, mode: UpsampleMode.Nearest),
        Conv2d(8, 3, 3, padding: 1), Tanh());
    public Net() : base("generator") => RegisterComponents();
    public override Tensor forward(Tensor x) => net.forward(x);
}
