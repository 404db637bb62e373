// Reads: construction-site, module-list
static class Program
{
    static Net Teacher() => new Net(3);
    static void Train() { var student = new Net(depth: 3, width: 8); Console.WriteLine(student); }
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
