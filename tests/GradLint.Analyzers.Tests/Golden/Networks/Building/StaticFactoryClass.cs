// Reads: static-factory, nested-module, named-arguments
static class Layers
{
    public static Linear Dense(long from, long to, double gain = 1)
    {
        var layer = Linear(from, to);
        init.xavier_normal_(layer.weight, gain);
        init.zeros_(layer.bias);
        return layer;
    }
}
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Layers.Dense(4, 8, gain: 5.0 / 3), fc2 = Layers.Dense(to: 2, from: 8);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.forward(fc1.forward(x).tanh());
}
