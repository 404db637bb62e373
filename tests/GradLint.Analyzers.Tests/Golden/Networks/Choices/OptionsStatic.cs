// Reads: options-record, constants, sequential-in-class
static class Hyper
{
    public const int Embedding = 24;
    public static readonly double Slope = 0.3;
}
record struct Size(int From, int To);
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net;
    public Net() : base("Net")
    {
        var size = new Size(Hyper.Embedding, Hyper.Embedding / 3);
        net = Sequential(Linear(size.From, size.To), LeakyReLU(Hyper.Slope));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => net.forward(x);
}
