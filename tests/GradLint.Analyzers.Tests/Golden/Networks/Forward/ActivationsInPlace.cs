// Reads: activation-in-place, residual-add-in-place, using-var
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(2, 2), b = Linear(2, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        using var h = a.call(x);
        h.relu_();
        var y = b.call(h);
        return y.add_(x);
    }
}
