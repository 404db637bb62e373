// Reads: dispose-scope, activation-functional, residual-plus
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(4, 4), b = Linear(4, 4);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        using (var scope = NewDisposeScope())
        {
            var residual = x;
            x = functional.relu(a.forward(x));
            x = b.forward(x);
            x = x + residual;
            return x.MoveToOuterDisposeScope();
        }
    }
}
