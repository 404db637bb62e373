// Reads: gru, final-state, initial-state
class Net : Module<Tensor, Tensor>
{
    private readonly GRU gru = GRU(4, 6, numLayers: 2);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var start = torch.zeros(6).view(1, 1, 6).repeat(2, x.shape[1], 1);
        var (_, state) = gru.call(x, start);
        return head.call(state[^1]);
    }
}
