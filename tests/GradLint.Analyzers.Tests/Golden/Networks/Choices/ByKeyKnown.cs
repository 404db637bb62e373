// Reads: choice-by-key, construction-site, static-factory
public class Net : Module<Tensor, Tensor>
{
    private static readonly Dictionary<int, int[]> Depths = new() { { 18, new[] { 2, 2 } }, { 34, new[] { 3, 4 } } };
    private readonly Sequential body = Sequential();

    public Net(int depth) : base("Net")
    {
        foreach (var width in Depths[depth])
            body.append(Linear(width, width));
        RegisterComponents();
    }

    public static Net Small() => new Net(18);

    public override Tensor forward(Tensor x) => body.call(x);
}
