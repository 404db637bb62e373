// Reads: list-of-pairs, loop-literal, static-factory
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layers = Build();
    public Net() : base("Net") => RegisterComponents();
    private static Sequential Build()
    {
        var parts = new List<(string, Module<Tensor, Tensor>)>();
        for (var i = 1; i <= 2; i++)
            parts.Add(("lin" + i, Linear(4 * i, 4 * (i + 1))));
        return Sequential(parts.ToArray());
    }
    public override Tensor forward(Tensor x) => layers.forward(x);
}
