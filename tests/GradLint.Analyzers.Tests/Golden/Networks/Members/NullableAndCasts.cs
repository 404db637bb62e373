// Reads: constructor-assignment, cast, call-forward
class Net : Module<Tensor, Tensor>
{
    private Module<Tensor, Tensor>? layer;

    public Net() : base("Net")
    {
        layer = Linear(3, 4) as Module<Tensor, Tensor>;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => ((Linear)layer!).forward(x);
}
