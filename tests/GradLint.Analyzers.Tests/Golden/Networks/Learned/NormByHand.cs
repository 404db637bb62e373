// Reads: normalization-by-hand, nested-module
public class LayerNorm2d : Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;
    private readonly double eps;

    public LayerNorm2d(int channels, double eps = 1e-6) : base("norm")
    {
        weight = Parameter(ones(channels));
        bias = Parameter(zeros(channels));
        this.eps = eps;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var u = x.mean(new long[] { 1 }, keepdim: true);
        var s = (x - u).pow(2).mean(new long[] { 1 }, keepdim: true);
        x = (x - u) / torch.sqrt(s + eps);
        return weight[TensorIndex.Colon, TensorIndex.None, TensorIndex.None] * x + bias[TensorIndex.Colon, TensorIndex.None, TensorIndex.None];
    }
}

public class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(3, 8, 3), conv2 = Conv2d(8, 8, 1);
    private readonly LayerNorm2d norm = new(8);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x) => conv2.forward(functional.gelu(norm.forward(conv1.forward(x))));
}
