// Reads: loop-literal, sequential-append, activation-module
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential fc = Sequential();
    public Net() : base("Net")
    {
        int size = 16;
        for (int i = 0; i < 2; ++i)
        {
            fc.append(Linear(size, size / 2));
            fc.append(ReLU());
            size /= 2;
        }
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => fc.forward(x);
}
