// Reads: module-list, forward-foreach, activation-functional
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Module<Tensor, Tensor>> convs;
    public Net() : base("Net")
    {
        convs = ModuleList<Module<Tensor, Tensor>>(Conv1d(2, 4, 3), Conv1d(4, 4, 3));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var conv in convs)
            x = functional.leaky_relu(conv.call(x), 0.1);
        return x;
    }
}
