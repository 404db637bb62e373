// Reads: constructor-assignment, straight-add, list-wrapped-later
class Net : Module<Tensor, Tensor>
{
    private readonly List<Module<Tensor, Tensor>> parts = new();
    private readonly Sequential net;

    public Net() : base("Net")
    {
        var hidden = 10;
        parts.Add(Linear(3, hidden));
        hidden *= 2;
        parts.Add(Tanh());
        parts.Add(Linear(hidden / 2, hidden));
        net = Sequential(parts.ToArray());
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => net.forward(x);
}
