// Reads: alternatives, choice-unknown, forward-if
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(4, 8), fc2 = Linear(8, 2);
    private readonly BatchNorm1d bn;
    private readonly bool useBn;
    public Net(bool useBn) : base("Net")
    {
        this.useBn = useBn;
        if (useBn)
            bn = BatchNorm1d(8);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        x = fc1.call(x);
        if (useBn)
            x = bn.call(x);
        return fc2.call(x.sigmoid());
    }
}
