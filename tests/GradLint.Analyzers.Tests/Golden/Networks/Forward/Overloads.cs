// Reads: forward-overload, forward-helper, residual-add
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(4, 4);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => forward(x, true);
    public Tensor forward(Tensor x, bool residual)
    {
        var y = fc.forward(x);
        return residual ? y.add(x) : y;
    }
}
