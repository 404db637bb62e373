// Reads: training-flag, dispose-scope, activation-functional
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(4, 4), fc2 = Linear(4, 3);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        using var _ = torch.NewDisposeScope();
        x = functional.relu(fc1.forward(x));
        if (training)
            x = functional.dropout(x, 0.4);
        x = fc2.forward(x);
        if (!training)
            x = functional.softmax(x, 1);
        return x.MoveToOuterDisposeScope();
    }
}
