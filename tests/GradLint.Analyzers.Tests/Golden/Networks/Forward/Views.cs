// Reads: view, activation-bare, activation-functional
using static TorchSharp.torch.nn.functional;

class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(100, 128), fc2 = Linear(128, 10);
    private readonly Conv2d conv = Conv2d(2, 4, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var n = x.shape[0];
        x = relu(conv.forward(x.reshape(n, 2, 5, 5)));
        x = x.view(n, -1);
        x = relu(fc1.forward(x.view(-1, 100)));
        return fc2.forward(x).unsqueeze(0).squeeze(0);
    }
}
