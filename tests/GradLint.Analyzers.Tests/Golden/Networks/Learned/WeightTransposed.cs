// Reads: learned-weight, using-alias
using nn = TorchSharp.torch.nn;

public class Net : Module<Tensor, Tensor>
{
    private readonly Parameter theta, bias;
    private readonly Module<Tensor, Tensor> act;

    public Net(int n = 20, int m = 30) : base("Net")
    {
        theta = nn.Parameter(torch.empty(m, n));
        bias = nn.Parameter(torch.full(m, 0.5));
        nn.init.kaiming_normal_(theta, nonlinearity: init.NonlinearityType.ReLU);
        act = nn.ReLU();
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => act.forward(bias.addmm(x, theta.t()));
}
