// Reads: final-state, unreadable
public class Net : Module<Tensor, Tensor>
{
    // The backward direction ends at the first step, and the first layer is not the one that is read.
    private readonly GRU both = GRU(4, 8, bidirectional: true), stack = GRU(16, 8, numLayers: 2);
    private readonly Linear fc = Linear(8, 1), other = Linear(8, 1);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var (y, h) = both.forward(x);
        var (_, g) = stack.forward(y);
        return fc.forward(h[-1]) + other.forward(g[0]);
    }
}
