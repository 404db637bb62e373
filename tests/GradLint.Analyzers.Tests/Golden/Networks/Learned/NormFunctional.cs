// Reads: normalization-functional, using-alias
using F = TorchSharp.torch.nn.functional;

public class Net : Module<Tensor, Tensor>
{
    private readonly Parameter gamma = Parameter(ones(10)), beta = Parameter(zeros(10));
    private readonly Linear fc = Linear(10, 10), head = Linear(10, 2);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x) => head.forward(F.silu(F.layer_norm(fc.forward(x), new long[] { 10 }, gamma, beta, 1e-6)));
}
