// Reads: this-assignment, constructor-assignment, chained-constructor
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a, b;

    public Net() : this(16)
    {
    }

    private Net(int width) : base("Net")
    {
        this.a = Linear(4, width);
        this.b = Linear(width, width / 2);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => b.forward(a.forward(x).relu());
}
