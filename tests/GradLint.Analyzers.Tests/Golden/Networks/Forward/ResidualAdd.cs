// Reads: residual-add, activation-in-place, using-var
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(4, 4), b = Linear(4, 4);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        using var y = a.forward(x).relu_();
        return b.forward(y).add(x);
    }
}
