// Reads: choice-of-layer, constants, call-forward
class NoisyLinear : Module<Tensor, Tensor>
{
    private readonly Linear mean;
    public NoisyLinear(int from, int to) : base("NoisyLinear") { mean = Linear(from, to); RegisterComponents(); }
    public override Tensor forward(Tensor x) => mean.forward(x);
}
class Net : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> fc1, fc2;
    public Net(bool noisy = true) : base("Net")
    {
        fc1 = noisy ? new NoisyLinear(4, 8) : Linear(4, 8);
        fc2 = !noisy ? new NoisyLinear(8, 2) : Linear(8, 2);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => fc2.forward(fc1.forward(x).relu());
}
