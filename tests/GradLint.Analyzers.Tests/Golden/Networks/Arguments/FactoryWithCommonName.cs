// Reads: construction-site, static-factory, init-outside
static class Other
{
    public static List<int> Create(int n) => new(n);
    static void Main() => Console.WriteLine(Other.Create(3));
}
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1, fc2;
    public Net(int width) : base("Net")
    {
        fc1 = Linear(4, width);
        fc2 = Linear(width, 2);
        RegisterComponents();
    }
    public static Net Create()
    {
        var net = new Net(6);
        init.xavier_uniform_(net.fc1.weight);
        return net;
    }
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
