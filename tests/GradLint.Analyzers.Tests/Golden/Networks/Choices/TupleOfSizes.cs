// Reads: math, constants
public class Net : Module<Tensor, Tensor>
{
    private readonly Linear first, second;

    public Net() : base("Net")
    {
        var widths = new[] { 4, 16, 8 };
        Tuple<int, int> sizes = Tuple.Create(widths.Max(), widths.Sum());
        first = Linear(widths.Min(), sizes.Item1);
        second = Linear(sizes.Item1, sizes.Item2);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => second.forward(sigmoid(first.forward(x)));
}
