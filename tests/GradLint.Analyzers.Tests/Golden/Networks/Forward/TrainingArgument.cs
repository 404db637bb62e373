// Reads: training-flag, activation-bare, using-static-functional
using static TorchSharp.torch.nn.functional;

class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(4, 4), fc2 = Linear(4, 3);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.forward(dropout(relu(fc1.forward(x)), p: 0.2, training: training));
}
