// Reads: sequential-variable, sequential-params, init-weight
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential model;

    public Net() : base("Net")
    {
        var first = Linear(8, 8);
        init.xavier_uniform_(first.weight);
        var stack = Sequential(first, Sigmoid(), Linear(8, 1));
        model = stack;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => model.forward(x);
}
