// Reads: cell, rnn, forward-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly RNNCell cell = RNNCell(3, 12, NonLinearities.Tanh);
    private readonly Linear head = Linear(12, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var h = torch.zeros(x.shape[0], 12);
        foreach (var xt in x.unbind(1))
            h = cell.call(xt, h);
        return head.call(h);
    }
}
