// Reads: dispose-scope, forward-helper, call-call
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(4, 4);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        var y = Inner(x);
        scope.MoveToOuter(y);
        return y;
    }
    private Tensor Inner(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(a.call(x).tanh());
    }
}
