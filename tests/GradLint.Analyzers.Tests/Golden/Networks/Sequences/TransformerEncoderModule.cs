// Reads: transformer, sequential-variable
class Net : Module<Tensor, Tensor>
{
    private readonly TransformerEncoder encoder;
    private readonly Linear head = Linear(8, 1);
    public Net() : base("Net")
    {
        var layer = TransformerEncoderLayer(8, 2, 32);
        encoder = TransformerEncoder(layer, 3);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => head.call(encoder.call(x, null, null));
}
