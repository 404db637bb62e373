// Reads: using-alias, using-static-torch, activation-torch
using Tensor = TorchSharp.torch.Tensor;
using Layer = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;
using static TorchSharp.torch;

class Net : Layer
{
    private readonly Layer a = nn.Linear(3, 3);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => sigmoid(a.call(x));
}
