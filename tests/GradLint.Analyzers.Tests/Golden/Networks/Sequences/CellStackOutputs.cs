// Reads: cell, gru, stacked-cells, initial-state
class Net : Module<Tensor, Tensor>
{
    private readonly GRUCell first = GRUCell(4, 6), second = GRUCell(6, 8);
    private readonly Linear head = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        Tensor h1 = null, h2 = null;
        var outputs = new Tensor[x.shape[1]];
        for (var t = 0; t < x.shape[1]; t++)
        {
            h1 = first.call(x.narrow(1, t, 1).squeeze(1), h1);
            h2 = second.call(h1, h2);
            outputs[t] = h2;
        }
        return head.call(torch.stack(outputs, 1));
    }
}
