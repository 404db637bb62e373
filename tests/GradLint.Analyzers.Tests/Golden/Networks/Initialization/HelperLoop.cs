// Reads: init-helper, loop-foreach, lambda
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential(Linear(3, 3), SELU(), Linear(3, 3), SELU(), Linear(3, 1));
    public Net() : base("Net")
    {
        RegisterComponents();
        InitializeWeights();
    }
    private void InitializeWeights()
    {
        foreach (var layer in net.children().OfType<Linear>())
        {
            init.kaiming_normal_(layer.weight, nonlinearity: init.NonlinearityType.Linear);
            init.zeros_(layer.bias);
        }
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
