// Reads: attention, loop-parameter, property
class Net : Module<Tensor, Tensor>
{
    public MultiheadAttention Attention { get; }
    public Net(int heads, int width = 12) : base("Net")
    {
        Attention = MultiheadAttention(width, heads);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var (y, weights) = Attention.call(x, x, x, null, false, null);
        return y;
    }
}
