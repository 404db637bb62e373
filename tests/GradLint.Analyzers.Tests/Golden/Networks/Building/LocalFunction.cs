// Reads: local-function, sequential-params, constants
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        const int width = 12;
        net = Sequential(Block(2), Block(width), Linear(width, 1));
        RegisterComponents();

        Sequential Block(int from) => Sequential(Linear(from, width), LayerNorm(width), SiLU());
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
