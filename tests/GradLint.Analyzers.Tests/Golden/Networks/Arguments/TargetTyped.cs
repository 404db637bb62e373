// Reads: construction-site, field-initializer
class Trainer
{
    private const int Width = 2 * 5;
    private readonly Net model = new(2, Width);
    public Tensor Step(Tensor x) => model.call(x);
}
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Module<Tensor, Tensor>> hidden = new();
    private readonly Linear head;
    public Net(int depth, int width = 8) : base("Net")
    {
        for (int i = 0; i < depth; i++)
            hidden.Add(Linear(i == 0 ? 4 : width, width));
        head = Linear(width, 2);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var layer in hidden)
            x = layer.call(x).tanh();
        return head.call(x);
    }
}
