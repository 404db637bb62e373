// Reads: construction-unknown, construction-site
static class Program
{
    static void Main(string[] args)
    {
        var depth = 2;
        if (args.Length > 0)
            depth = int.Parse(args[0]);
        var asked = new Net(depth, 4);
        var usual = new Net(1);
        Console.WriteLine((asked, usual));
    }
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
