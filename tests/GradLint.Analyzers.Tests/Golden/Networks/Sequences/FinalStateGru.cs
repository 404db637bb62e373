// Reads: final-state, gru, indexing
public class Net : Module<Tensor, Tensor>
{
    private readonly GRU gru = GRU(6, 12, batchFirst: true);
    private readonly Linear fc = Linear(12, 3);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var (_, h) = gru.forward(x);
        return fc.forward(h[0]);
    }
}
