// Reads: transformer, view, named-arguments
class Net : Module<Tensor, Tensor>
{
    private readonly Linear embed = Linear(10, 16);
    private readonly TransformerEncoderLayer layer;
    private readonly Linear head = Linear(16, 10);
    public Net() : base("Net")
    {
        layer = TransformerEncoderLayer(d_model: 16, nhead: 4, dim_feedforward: 64, dropout: 0.2);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => head.call(layer.call(embed.call(x), null, null));
}
