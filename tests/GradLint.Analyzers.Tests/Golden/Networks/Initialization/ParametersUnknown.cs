// Reads: init-parameters, unreadable, loop-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(4, 4);
    public Net(double threshold) : base("Net")
    {
        RegisterComponents();
        foreach (var p in parameters())
        {
            if (threshold > 0.5)
                init.normal_(p, 0, 1);
        }
    }
    public override Tensor forward(Tensor x) => fc.call(x);
}
