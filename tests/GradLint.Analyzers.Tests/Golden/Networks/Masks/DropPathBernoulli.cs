// Reads: dropout-by-hand
class DropPath : Module<Tensor, Tensor>
{
    private readonly double p;
    private readonly bool scale;
    public DropPath(double p, bool scale = true) : base("DropPath") => (this.p, this.scale) = (p, scale);
    public override Tensor forward(Tensor x)
    {
        if (p == 0.0 || !training)
            return x;
        var keep = 1 - p;
        var shape = new long[] { x.shape[0] }.Concat(Enumerable.Repeat(1L, (int)x.ndim - 1)).ToArray();
        var mask = torch.empty(shape).bernoulli_(keep);
        if (keep > 0 && scale)
            mask.div_(keep);
        return x * mask;
    }
}
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(16, 16), fc2 = Linear(16, 16);
    private readonly DropPath drop1 = new(0.2), drop2 = new(0.2, scale: false);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        x = x + drop1.forward(functional.relu(fc1.forward(x)));
        return x + drop2.forward(functional.relu(fc2.forward(x)));
    }
}
