// Reads: forward-for, forward-if, module-list
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> layers = new();
    public Net() : base("Net")
    {
        int[] dims = { 5, 6, 7 };
        for (int i = 0; i < dims.Length - 1; i++)
            layers.Add(Linear(dims[i], dims[i + 1]));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        for (int i = 0; i < layers.Count; i++)
        {
            x = layers[i].forward(x);
            if (i < layers.Count - 1)
                x = functional.relu(x);
        }
        return x;
    }
}
