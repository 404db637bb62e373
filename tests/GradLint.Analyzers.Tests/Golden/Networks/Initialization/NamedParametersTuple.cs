// Reads: init-named-parameters, init-elsewhere, cast
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(3, 3), b = Linear(3, 3);
    public Net() : base("Net")
    {
        RegisterComponents();
        Reset();
    }
    private void Reset()
    {
        foreach (var pair in this.named_parameters())
        {
            if (pair.name == "b.weight")
                init.eye_(pair.parameter as Tensor);
        }
    }
    public override Tensor forward(Tensor x) => b.forward(a.forward(x));
}
