// Reads: options-object, options-record, construction-site
record Options(int Depth, int Width, bool Normalize = false)
{
    public static readonly Options Small = new(1, 8);
}
static class Program
{
    static void Main() => Console.WriteLine(new Net(Options.Small with { Depth = 2, Normalize = true }));
}
class Net : Module<Tensor, Tensor>
{
    private readonly List<(string, Module<Tensor, Tensor>)> modules = new();
    private readonly Sequential layers;
    public Net(Options options) : base("Net")
    {
        var (depth, width, normalize) = options;
        for (int i = 0; i < depth; i++)
        {
            modules.Add(($"fc{i}", Linear(width, width)));
            if (normalize)
                modules.Add(($"norm{i}", LayerNorm(width)));
            modules.Add(($"act{i}", Tanh()));
        }
        layers = Sequential(modules);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => layers.call(x);
}
