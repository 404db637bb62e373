// Reads: using-var, dispose-scope, activation-tensor-method
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(3, 6), b = Linear(6, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        var h = a.forward(x).relu();
        return b.forward(h).MoveToOuterDisposeScope();
    }
}
