// Reads: transformer, module-list, forward-foreach
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<TransformerEncoderLayer> layers = new();
    public Net() : base("Net")
    {
        for (int i = 0; i < 2; i++)
            layers.Add(TransformerEncoderLayer(8, 2, 32, activation: Activations.GELU));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var layer in layers)
            x = layer.call(x, null, null);
        return x;
    }
}
