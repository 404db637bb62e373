// Reads: learned-weight, unreadable
public class Net : Module<Tensor, Tensor>
{
    // One matrix for each head: no linear layer.
    private readonly Parameter heads = Parameter(randn(4, 8, 8));
    private readonly Linear embed = Linear(8, 8), head = Linear(8, 1);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x) => head.forward(matmul(embed.forward(x).unsqueeze(1), heads));
}
