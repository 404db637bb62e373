// Reads: sequential-append, sequential-variable, activation-module
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layers;

    public Net() : base("Net")
    {
        var seq = Sequential();
        seq.append(Linear(2, 4));
        seq.append(Softplus());
        seq.append(Linear(4, 1));
        layers = seq;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => layers.call(x);
}
