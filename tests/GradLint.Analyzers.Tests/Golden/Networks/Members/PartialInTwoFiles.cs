// Reads: partial-class, init-elsewhere, init-weight
partial class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(16, 16);
    private readonly Linear head = Linear(16, 1);

    public Net() : base("Net")
    {
        RegisterComponents();
        ResetParameters();
    }

    public override Tensor forward(Tensor x) => head.forward(functional.relu(fc.forward(x)));
}
//--- Net.Initialization.cs
partial class Net
{
    private void ResetParameters()
    {
        init.kaiming_normal_(fc.weight, nonlinearity: init.NonlinearityType.ReLU);
        init.zeros_(fc.bias);
    }
}
