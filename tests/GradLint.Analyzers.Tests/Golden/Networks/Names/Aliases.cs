// Reads: using-alias, call-call, sequential-tuples
using nn = TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

class Net : nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>
{
    private readonly TorchSharp.Modules.Sequential body = nn.Sequential(("fc", nn.Linear(3, 3)), ("act", nn.Tanh()));
    private readonly nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> head = nn.Linear(3, 1);
    public Net() : base("Net") => RegisterComponents();
    public override TorchSharp.torch.Tensor forward(TorchSharp.torch.Tensor x) => head.call(F.relu(body.call(x)));
}
