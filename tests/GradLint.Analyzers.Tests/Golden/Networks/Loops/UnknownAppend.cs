// Reads: loop-unknown, sequential-append, activation-module
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential body = Sequential();
    public Net(int blocks, long width) : base("Net")
    {
        body.append("stem", Linear(3, width));
        for (int i = 0; i < blocks; i++)
        {
            body.append($"fc{i}", Linear(width, width));
            body.append($"act{i}", Tanh());
        }
        body.append("head", Linear(width, 2));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => body.forward(x);
}
