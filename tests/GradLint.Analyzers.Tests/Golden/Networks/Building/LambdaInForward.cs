// Reads: lambda, activation-argument, activation-functional
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(5, 5), fc2 = Linear(5, 5);
    private readonly Func<Tensor, Tensor> act;
    public Net() : this(t => functional.softplus(t)) { }
    public Net(Func<Tensor, Tensor> act) : base("Net")
    {
        this.act = act;
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => act(fc2.forward(act(fc1.forward(x))));
}
