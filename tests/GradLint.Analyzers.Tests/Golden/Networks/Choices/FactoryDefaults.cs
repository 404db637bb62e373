// Reads: factory-default, static-factory, method-group
public class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential();

    private Net(string name, int[] widths, int classes, Func<long, Module<Tensor, Tensor>> norm) : base(name)
    {
        norm = norm is not null ? norm : width => BatchNorm1d(width);
        var from = 16;
        foreach (var width in widths)
        {
            net.append(Linear(from, width, hasBias: false));
            net.append(norm(width));
            net.append(ReLU());
            from = width;
        }

        net.append(Linear(from, classes));
        RegisterComponents();
    }

    public static Net Small(int classes = 10, Func<long, Module<Tensor, Tensor>> norm = null) => new Net("small", new[] { 8, 8 }, classes, norm);

    public override Tensor forward(Tensor x) => net.call(x);
}
