// Reads: partial-class, field-initializer, activation-functional
partial class Net : Module<Tensor, Tensor>
{
    private readonly Linear first = Linear(9, 9);
    private readonly Linear second = Linear(9, 3);
}

partial class Net
{
    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = functional.gelu(first.call(x));
        return second.call(x);
    }
}
