// Reads: loop-unknown, loop-foreach, sequential-append
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential();
    public Net(long inputs, IEnumerable<long> hidden, long outputs) : base("Net")
    {
        var width = inputs;
        foreach (var next in hidden)
        {
            net.append(Linear(width, next));
            net.append(Sigmoid());
            width = next;
        }
        net.append(Linear(width, outputs));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
