// Reads: learned-weight, residual-plus
public class Net : Module<Tensor, Tensor>
{
    private readonly Parameter project, mix;
    private readonly Linear head;

    public Net(int width = 12) : base("Net")
    {
        project = Parameter(empty(width, width));
        mix = Parameter(empty(width, width));
        init.xavier_uniform_(project);
        init.orthogonal_(mix);
        head = Linear(width, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var y = einsum("bsi,io->bso", x, project);
        x = x + tanh(y);
        return head.forward(einsum("oi,bsi->bso", mix, x));
    }
}
