// Reads: normalization-functional, forward-helper
public class Net : Module<Tensor, Tensor>
{
    private readonly int width;
    private readonly Linear fc, head;

    public Net(int width = 14) : base("Net")
    {
        this.width = width;
        fc = Linear(width, width);
        head = Linear(width, 1);
        RegisterComponents();
    }

    private Tensor Normalized(Tensor x) => functional.layer_norm(x, new long[] { width });

    public override Tensor forward(Tensor x) => head.forward(Normalized(torch.tanh(fc.forward(Normalized(x)))));
}
