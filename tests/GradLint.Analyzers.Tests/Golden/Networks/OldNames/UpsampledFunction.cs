// Reads: upsample, activation-tensor-method
using F = TorchSharp.torch.nn.functional;
class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(4, 8, 3, padding: 1), conv2 = Conv2d(8, 1, 3, padding: 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        x = conv1.forward(x).relu();
        x = F.interpolate(x, scale_factor: new double[] { 2, 2 }, mode: InterpolationMode.Nearest);
        return conv2.forward(F.interpolate(x, size: new long[] { 64, 64 }));
    }
}
