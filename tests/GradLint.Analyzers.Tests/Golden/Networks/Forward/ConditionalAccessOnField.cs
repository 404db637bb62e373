// Reads: conditional-access, choice-unknown, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(4, 4);
    private readonly Dropout drop;
    public Net(bool regularize) : base("Net")
    {
        if (regularize)
            drop = Dropout(0.3);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => drop?.forward(fc.forward(x)) ?? fc.forward(x);
}
