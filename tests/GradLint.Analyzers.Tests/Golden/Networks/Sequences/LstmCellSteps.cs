// Reads: cell, lstm, forward-for
class Net : Module<Tensor, Tensor>
{
    private const int Steps = 20;
    private readonly LSTMCell cell = LSTMCell(4, 6);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        Tensor h = torch.zeros(x.shape[0], 6), c = torch.zeros(x.shape[0], 6);
        for (var t = 0; t < Steps; ++t)
        {
            (h, c) = cell.call(x.select(1, t), (h, c));
        }
        return head.call(h);
    }
}
