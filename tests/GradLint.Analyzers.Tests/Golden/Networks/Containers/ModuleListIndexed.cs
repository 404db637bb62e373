// Reads: module-list, forward-for, lambda
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Sequential> stages = ModuleList(Enumerable.Range(0, 3).Select(i => Sequential(Linear(8 << i, 16 << i), ReLU())).ToArray());
    private readonly ModuleList<Module> extras = new();
    public Net() : base("Net")
    {
        extras.append(Dropout(0.1));
        extras.append(Linear(64, 5));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        x = stages[0].forward(x);
        x = stages[1].forward(x);
        x = stages[^1].forward(x);
        return ((Linear)extras[1]).forward(((Dropout)extras[0]).forward(x));
    }
}
