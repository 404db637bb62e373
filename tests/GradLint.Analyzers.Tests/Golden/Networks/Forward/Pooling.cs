// Reads: pooling, activation-bare, using-static-functional
using static TorchSharp.torch.nn.functional;

class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(1, 6, (5, 5), padding: (2, 2)), conv2 = Conv2d(6, 16, 5, stride: 2);
    private readonly Linear fc = Linear(16, 10);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        x = max_pool2d(relu(conv1.forward(x)), kernel_size: 3, stride: 2, padding: 1);
        x = avg_pool2d(relu(conv2.forward(x)), 2);
        x = adaptive_avg_pool2d(x, 1).flatten(1);
        return fc.forward(x);
    }
}
