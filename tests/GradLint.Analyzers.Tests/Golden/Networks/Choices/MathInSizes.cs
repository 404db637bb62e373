// Reads: math, init-weight, constants
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1, fc2;
    public Net(int width = 10) : base("Net")
    {
        fc1 = Linear(width, Math.Max(width / 2, 8));
        fc2 = Linear(8, (int)Math.Pow(2, 4));
        var bound = 1.0 / Math.Sqrt(width);
        init.uniform_(fc1.weight, -bound, bound);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => fc2.forward(fc1.forward(x).relu());
}
