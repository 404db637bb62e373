// Reads: learned-token, learned-position, sequential-params
public class Net : Module<Tensor, Tensor>
{
    private readonly Linear patch;
    private readonly Parameter cls, pos;
    private readonly Sequential mlp;
    private readonly Linear head;

    public Net(int patches = 9, int dim = 24) : base("vit")
    {
        patch = Linear(12, dim);
        cls = Parameter(zeros(1, 1, dim));
        pos = Parameter(randn(1, patches + 1, dim).mul(0.02f));
        mlp = Sequential(LayerNorm(dim), Linear(dim, 4 * dim), GELU(), Linear(4 * dim, dim));
        head = Linear(dim, 10);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = patch.forward(x);
        var token = cls.expand(x.shape[0], -1, -1);
        x = cat(new[] { token, x }, dim: 1);
        x = x + pos;
        x = x + mlp.forward(x);
        return head.forward(x[.., 0, ..]);
    }
}
