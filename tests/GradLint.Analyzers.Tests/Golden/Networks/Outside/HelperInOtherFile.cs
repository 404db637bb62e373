// Reads: init-outside, init-helper, init-modules
static class Program
{
    static void Main()
    {
        var net = new Net().Initialized(gain: 2);
        Console.WriteLine(net);
    }
}
class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
//--- Extensions.cs
static class Extensions
{
    public static T Initialized<T>(this T module, double gain) where T : Module
    {
        foreach (var inner in module.modules())
        {
            switch (inner)
            {
                case Linear linear:
                    init.xavier_normal_(linear.weight, gain);
                    break;
            }
        }
        return module;
    }
}
