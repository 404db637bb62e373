// Reads: lstm, indexing, call-call
class Net : Module<Tensor, Tensor>
{
    private readonly Embedding embedding = Embedding(1000, 16);
    private readonly LSTM lstm = LSTM(16, 24, numLayers: 2, dropout: 0.5, bidirectional: true);
    private readonly Linear head = Linear(48, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor tokens)
    {
        var x = embedding.call(tokens);
        var (output, _, _) = lstm.call(x);
        return head.call(output[-1]);
    }
}
