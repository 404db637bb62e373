// Reads: init-outside, user-base-class, init-parameters
static class Program
{
    static void Main()
    {
        var net = new Net();
        net.Reset(0.05);
        Console.WriteLine(net);
    }
}
abstract class Resettable : Module<Tensor, Tensor>
{
    protected Resettable(string name) : base(name) { }
    public void Reset(double std)
    {
        foreach (var p in parameters())
            init.normal_(p, 0, std);
    }
}
class Net : Resettable
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
