// Reads: conditional-access, init-weight, init-helper
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(4, 4, hasBias: false), head = Linear(4, 2);
    public Net() : base("Net")
    {
        Reset(fc);
        Reset(head);
        RegisterComponents();
    }
    private static void Reset(Linear layer)
    {
        init.xavier_uniform_(layer?.weight);
        if (layer.bias is not null)
            init.zeros_(layer.bias);
    }
    public override Tensor forward(Tensor x) => head.forward(fc.forward(x).relu());
}
