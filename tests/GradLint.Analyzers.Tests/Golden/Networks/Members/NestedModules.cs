// Reads: nested-module, constructor-assignment, residual-plus
class FeedForward : Module<Tensor, Tensor>
{
    private readonly Linear up, down;

    public FeedForward(int width, int factor = 4) : base("FeedForward")
    {
        up = Linear(width, width * factor);
        down = Linear(width * factor, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => down.forward(functional.gelu(up.forward(x)));
}

class Net : Module<Tensor, Tensor>
{
    private readonly FeedForward ff1;
    private readonly FeedForward ff2;

    public Net() : base("Net")
    {
        ff1 = new FeedForward(8);
        ff2 = new FeedForward(8, factor: 2);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = x + ff1.forward(x);
        return x + ff2.forward(x);
    }
}
