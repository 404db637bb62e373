// Reads: construction-unknown, static-factory
public static class Factory
{
    public static object Create(int depth) => new Net(depth, 4);
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
