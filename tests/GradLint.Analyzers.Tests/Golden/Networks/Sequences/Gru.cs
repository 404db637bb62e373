// Reads: gru, indexing, dispose-scope
class Net : Module<Tensor, Tensor>
{
    private readonly GRU gru;
    private readonly Linear fc;
    public Net(int hidden = 20) : base("Net")
    {
        gru = GRU(5, hidden, 1, batchFirst: true);
        fc = Linear(hidden, 3);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (output, hn) = gru.forward(x);
        output = output.select(1, -1);
        return fc.forward(output).MoveToOuterDisposeScope();
    }
}
