// Reads: construction-site, nested-module
class Outer : Module<Tensor, Tensor>
{
    private readonly Net first, second;
    private readonly Linear head;
    public Outer(int width) : base("Outer")
    {
        first = new Net(1, width);
        second = new Net(1, width * 2);
        head = Linear(2, 2);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => head.call(first.call(x) + second.call(x));
}
static class Program
{
    static void Main() => Console.WriteLine(new Outer(8));
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
