// Reads: alternatives, switch, block-helper
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layers;
    public Net(string activation, int[] hidden = null) : base("Net")
    {
        hidden ??= new[] { 8, Math.Clamp(100, 2, 6) };
        var modules = new List<Module<Tensor, Tensor>>();
        var inputs = (int)Math.Log(256, 2);
        foreach (var size in hidden)
        {
            modules.Add(Linear(inputs, size));
            modules.Add(Activation(activation));
            inputs = size;
        }
        layers = Sequential(modules);
        RegisterComponents();
    }
    private static Module<Tensor, Tensor> Activation(string name)
    {
        if (name.Equals("ReLU", StringComparison.OrdinalIgnoreCase))
            return ReLU();
        switch (name.ToLowerInvariant())
        {
            case "tanh":
                return Tanh();
            default:
                throw new NotSupportedException(name);
        }
    }
    public override Tensor forward(Tensor x) => layers.call(x);
}
