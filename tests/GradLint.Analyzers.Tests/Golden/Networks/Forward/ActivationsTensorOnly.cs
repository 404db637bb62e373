// Reads: activation-tensor-method, activation-in-place, call-forward
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(7, 7), b = Linear(7, 7);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var h = a.forward(x);
        h = h.silu();
        h = b.forward(h);
        return h.sigmoid_();
    }
}
