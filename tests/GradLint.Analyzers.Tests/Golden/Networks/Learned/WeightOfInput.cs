// Reads: learned-weight, unreadable
public class Net : Module<Tensor, Tensor, Tensor>
{
    private readonly Parameter scale = Parameter(ones(4, 4));
    private readonly Linear head = Linear(4, 1);

    public Net() : base("Net") => RegisterComponents();

    // The second factor depends on what enters: no layer.
    public override Tensor forward(Tensor x, Tensor w) => head.forward(matmul(x, w * scale));
}
