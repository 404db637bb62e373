// Reads: init-outside, init-apply, switch
static class Program
{
    // As in the DCGAN tutorial.
    static void weights_init(Module m)
    {
        var classname = m.GetName();
        if (classname.Contains("Linear"))
            init.normal_(((Linear)m).weight, 0.0, 0.02);
        else if (classname.Contains("BatchNorm"))
            init.normal_(((BatchNorm2d)m).weight, 1.0, 0.02);
    }
    static void Main()
    {
        var netG = new Net();
        netG.apply(weights_init);
        Console.WriteLine(netG);
    }
}
class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
