// Reads: init-apply, static-factory, cast
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential(Linear(4, 4), Tanh(), Linear(4, 1));
    public Net() : base("Net")
    {
        RegisterComponents();
        apply(InitWeights);
    }
    private static void InitWeights(Module m)
    {
        if (m is Linear)
        {
            var linear = (Linear)m;
            init.xavier_uniform_(linear.weight);
            init.zeros_(linear.bias);
        }
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
