// Reads: activation-module, activation-tensor-method, activation-in-place, call-call
class Net : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> clip = Hardtanh(-2, 2, inplace: true);
    private readonly Linear first = Linear(4, 8), second = Linear(8, 8), head = Linear(8, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => head.call(second.call(clip.call(first.call(x))).hardtanh_(-1, 1));
}
