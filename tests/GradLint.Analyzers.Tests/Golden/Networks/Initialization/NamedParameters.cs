// Reads: init-named-parameters, sequential-tuples, loop-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential(("fc1", Linear(4, 8)), ("norm", LayerNorm(8)), ("fc2", Linear(8, 1)));
    public Net() : base("Net")
    {
        RegisterComponents();
        foreach (var (name, p) in named_parameters())
        {
            if (name.Contains("norm"))
                continue;
            if (name.EndsWith(".bias"))
                init.zeros_(p);
            else if (name.StartsWith("net.fc1"))
                init.kaiming_uniform_(p, nonlinearity: init.NonlinearityType.Tanh);
        }
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
