// Reads: chained-constructor, user-base-class, constructor-assignment
abstract class Named : Module<Tensor, Tensor>
{
    protected readonly int hidden;
    protected Named(string name, int hidden) : base(name) => this.hidden = hidden;
}

class Net : Named
{
    private readonly Linear lin;

    public Net() : base("Net", 12)
    {
        lin = Linear(hidden, 2 * hidden);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => lin.forward(x).tanh();
}
