// Reads: cell, forward-for, gru
class Net : Module<Tensor, Tensor>
{
    private readonly Embedding embed = Embedding(100, 8);
    private readonly GRUCell cell = GRUCell(8, 16);
    private readonly Linear head = Linear(16, 100);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor tokens)
    {
        var h = torch.zeros(tokens.shape[0], 16);
        var outputs = new List<Tensor>();
        for (int t = 0; t < tokens.shape[1]; t++)
        {
            var x = embed.forward(tokens[.., t]);
            h = cell.forward(x, h);
            outputs.Add(head.forward(h));
        }
        return torch.stack(outputs, dim: 1);
    }
}
