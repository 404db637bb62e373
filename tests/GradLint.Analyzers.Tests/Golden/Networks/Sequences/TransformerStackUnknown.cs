// Reads: transformer, loop-unknown
public class Net : Module<Tensor, Tensor>
{
    private readonly TransformerEncoder encoder;
    private readonly Linear head;

    public Net(long width, long heads, long layers) : base("Net")
    {
        var layer = TransformerEncoderLayer(width, heads, 4 * width, dropout: 0.1);
        encoder = TransformerEncoder(layer, layers);
        head = Linear(width, 10);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => head.forward(encoder.forward(x, null, null));
}
