// Reads: learned-position, unreadable
public class Net : Module<Tensor, Tensor>
{
    private readonly Parameter table = Parameter(randn(64, 16));
    private readonly Linear embed = Linear(8, 16), head = Linear(16, 4);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        // Which rows are added depends on what enters.
        var bucket = x.abs().sum(-1).to(int64);
        return head.forward(embed.forward(x) + table[bucket]);
    }
}
