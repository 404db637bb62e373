// Reads: indexing, lstm
public class Net : Module<Tensor, Tensor>
{
    private readonly Embedding embedding = Embedding(60, 12);
    private readonly LSTM lstm = LSTM(12, 20, numLayers: 2, batchFirst: true);
    private readonly Linear dense = Linear(20, 1);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor input)
    {
        var embedded = embedding.call(input);
        var h0 = zeros(new long[] { 2, input.shape[0], 20 });
        var c0 = zeros(new long[] { 2, input.shape[0], 20 });
        var (all, _, _) = lstm.call(embedded, (h0, c0));
        return sigmoid(dense.call(all[TensorIndex.Slice(), -1, TensorIndex.Slice()]));
    }
}
