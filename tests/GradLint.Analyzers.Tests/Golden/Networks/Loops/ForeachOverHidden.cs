// Reads: loop-foreach, choice-of-layer, sequential-append
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential();
    public Net(bool dropout = false) : base("Net")
    {
        long[] hidden = { 6, 6 };
        foreach (var h in hidden)
        {
            net.append(Linear(6, h));
            net.append(dropout ? Dropout() : Identity());
        }
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
