// Reads: loop-unknown, module-list, forward-for
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Module<Tensor, Tensor>> layers = new ModuleList<Module<Tensor, Tensor>>();
    public Net(int inputs, int hidden, int outputs, int depth) : base("Net")
    {
        layers.Add(Linear(inputs, hidden));
        for (int i = 0; i < depth; i++)
            layers.Add(Linear(hidden, hidden));
        layers.Add(Linear(hidden, outputs));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        for (int i = 0; i < layers.Count; i++)
        {
            x = layers[i].forward(x);
            if (i < layers.Count - 1)
                x = nn.functional.relu(x);
        }
        return x;
    }
}
