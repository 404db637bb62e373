// Reads: sequential-append, sequential-in-class, loop-literal
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential model = Sequential();

    public Net() : base("Net")
    {
        for (int i = 0; i < 3; i++)
        {
            model.append($"fc{i}", Linear(6, 6));
            model.append($"tanh{i}", Tanh());
        }
        model.append("out", Linear(6, 1));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => model.forward(x);
}
