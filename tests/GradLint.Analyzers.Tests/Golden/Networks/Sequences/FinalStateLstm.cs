// Reads: final-state, lstm, indexing
public class Net : Module<Tensor, Tensor>
{
    private readonly Embedding embedding = Embedding(80, 10);
    private readonly LSTM lstm = LSTM(10, 20, numLayers: 3);
    private readonly Dropout drop = Dropout(0.2);
    private readonly Linear fc = Linear(20, 2);

    public Net() : base("sentiment") => RegisterComponents();

    public override Tensor forward(Tensor tokens)
    {
        var (output, hidden, cell) = lstm.call(embedding.call(tokens));
        return fc.call(drop.call(hidden[-1]));
    }
}
