// Reads: learned-weight, init-weight, nested-module, activation-functional
using F = TorchSharp.torch.nn.functional;

public class MyLinear : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    public MyLinear(long inFeatures, long outFeatures, bool hasBias = true) : base(nameof(MyLinear))
    {
        weight = Parameter(torch.empty(outFeatures, inFeatures));
        init.kaiming_uniform_(weight, a: Math.Sqrt(5));
        if (hasBias)
        {
            var bound = 1 / Math.Sqrt(inFeatures);
            bias = Parameter(torch.empty(outFeatures));
            init.uniform_(bias, -bound, bound);
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => F.linear(x, weight, bias);
}

public class Net : Module<Tensor, Tensor>
{
    private readonly MyLinear first = new(64, 32), second = new(32, 10, hasBias: false);

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x) => second.forward(F.sigmoid(first.forward(x)));
}
