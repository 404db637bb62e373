// Reads: math, init-parameters, loop-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(25, 25), fc2 = Linear(25, 1);
    public Net() : base("Net")
    {
        RegisterComponents();
        var std = 2 / Math.Sqrt(25 + 75);
        foreach (var p in parameters())
        {
            if (p.dim() > 1)
                init.normal_(p, std: std);
            else
                init.constant_(p, 0.01);
        }
    }
    public override Tensor forward(Tensor x) => fc2.forward(fc1.forward(x).tanh());
}
