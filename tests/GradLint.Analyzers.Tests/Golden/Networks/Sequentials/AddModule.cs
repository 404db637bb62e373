// Reads: sequential-append, sequential-in-class, call-forward
class Net : Module<Tensor, Tensor>
{
    private Sequential model;
    public Net() : base("Net")
    {
        model = Sequential(("fc1", Linear(7, 7)));
        model.add_module("act1", GELU());
        model.add_module("fc2", Linear(7, 7));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => model.forward(x);
}
