// Reads: cell, gru, unreadable
class Net : Module<Tensor, Tensor, Tensor>
{
    private readonly GRU encoder = GRU(3, 8);
    private readonly GRUCell cell = GRUCell(3, 8);
    private readonly Linear head = Linear(8, 3);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor source, Tensor start)
    {
        var (_, state) = encoder.call(source);
        var (x, h) = (start, state.squeeze(0));
        for (int t = 0; t < source.shape[0]; t++)
        {
            h = cell.call(x, h);
            x = head.call(h);
        }
        return x;
    }
}
