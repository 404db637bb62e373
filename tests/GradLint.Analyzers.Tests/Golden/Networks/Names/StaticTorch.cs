// Reads: using-static-torch, using-static-nn, activation-bare
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Models;

class Holder
{
    public static readonly Sequential Model = Sequential(Linear(3, 3), Sigmoid());
    public Tensor Run(Tensor x) => tanh(Model.call(x));
}
