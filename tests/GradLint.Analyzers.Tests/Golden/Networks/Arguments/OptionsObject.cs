// Reads: options-object, construction-site, options-record
class Options
{
    public int Depth { get; set; } = 3;
    public int Width { get; set; } = 16;
    public string Activation { get; set; } = "relu";
}
static class Program
{
    static void Main()
    {
        var options = new Options { Depth = 2 };
        options.Activation = "tanh";
        var model = new Net(options);
        Console.WriteLine(model);
    }
}
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layers;
    public Net(Options options) : base("Net")
    {
        var modules = new List<Module<Tensor, Tensor>>();
        for (int i = 0; i < options.Depth; i++)
        {
            modules.Add(Linear(options.Width, options.Width));
            modules.Add(options.Activation == "relu" ? ReLU() : options.Activation == "tanh" ? Tanh() : Sigmoid());
        }
        layers = Sequential(modules);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => layers.call(x);
}
