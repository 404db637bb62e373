// Reads: loop-foreach, list-of-pairs, sequential-in-class
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        var sizes = new List<(int, int)> { (3, 6), (6, 2) };
        var parts = new List<(string, Module<Tensor, Tensor>)>();
        foreach (var (from, to) in sizes)
            parts.Add(($"fc{from}to{to}", Linear(from, to)));
        net = Sequential(parts);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
