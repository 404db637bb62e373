// Reads: conditional-access, forward-conditional, constructor-assignment
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc;
    private readonly Dropout drop;
    private readonly LayerNorm norm;
    public Net(double p = 0.5) : base("Net")
    {
        fc = Linear(4, 4);
        drop = p > 0 ? Dropout(p) : null;
        norm = null;
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        x = fc.forward(x);
        x = norm?.forward(x) ?? x;
        x = drop?.forward(x) ?? x;
        return x;
    }
}
