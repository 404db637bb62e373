// Reads: loop-field, array-of-modules, constants
class Net : Module<Tensor, Tensor>
{
    private static readonly int[] Widths = { 10, 20, 5 };
    private readonly Sequential net;
    public Net() : base("Net")
    {
        var list = new List<Module<Tensor, Tensor>>();
        for (int i = 0; i < Widths.Length - 1; i++)
        {
            list.Add(Linear(Widths[i], Widths[i + 1]));
            if (i < Widths.Length - 2)
                list.Add(Tanh());
        }
        net = Sequential(list.ToArray());
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
