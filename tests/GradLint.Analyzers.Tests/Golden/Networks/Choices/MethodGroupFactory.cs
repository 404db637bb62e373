// Reads: method-group, block-helper
public class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;

    public Net() : base("Net")
    {
        net = Sequential(Block(3, 8, Tanh), Block(8, 8, Mish), Linear(8, 1));
        RegisterComponents();
    }

    private static Sequential Block(int from, int to, Func<Module<Tensor, Tensor>> activation) => Sequential(Linear(from, to), activation());

    public override Tensor forward(Tensor x) => net.call(x);
}
