// Reads: learned-position, transformer, call-forward
public class Net : Module<Tensor, Tensor>
{
    private readonly Embedding tokens;
    private readonly Parameter position;
    private readonly Dropout drop;
    private readonly Linear head;

    public Net(long vocabulary = 100, long width = 16, long length = 12) : base("gpt")
    {
        tokens = Embedding(vocabulary, width);
        position = Parameter(randn(1, length, width) * 0.02f);
        drop = Dropout(0.1);
        head = Linear(width, vocabulary, hasBias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var t = x.shape[1];
        var h = tokens.forward(x) + position[.., ..(int)t, ..];
        return head.forward(drop.forward(h));
    }
}
