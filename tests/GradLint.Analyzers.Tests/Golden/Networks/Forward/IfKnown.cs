// Reads: forward-if, choice-of-layer, activation-functional
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(3, 3), head = Linear(3, 1);
    private readonly LayerNorm norm;
    private readonly bool residual;
    public Net(bool useNorm = false, bool residual = true) : base("Net")
    {
        if (useNorm)
            norm = LayerNorm(3);
        this.residual = residual;
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var y = functional.relu(fc.forward(x));
        if (norm != null)
            y = norm.forward(y);
        if (residual)
        {
            y = y + x;
        }
        return head.forward(y);
    }
}
