// Reads: cell, lstm, forward-foreach, initial-state
class Net : Module<Tensor, Tensor>
{
    private readonly LSTMCell cell = LSTMCell(4, 6);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        (Tensor, Tensor)? state = null;
        var outputs = new List<Tensor>();
        foreach (var step in x.unbind(1))
        {
            state = cell.call(step, state);
            outputs.Add(state.Value.Item1);
        }
        return head.call(torch.stack(outputs, 1));
    }
}
