// Reads: array-of-modules, loop-field, field-initializer
class Net : Module<Tensor, Tensor>
{
    private readonly int[] sizes = { 4, 8, 2 };
    private readonly Sequential layers;
    public Net() : base("Net")
    {
        var parts = new Module<Tensor, Tensor>[sizes.Length - 1];
        for (int i = 0; i + 1 < sizes.Length; i++)
            parts[i] = Linear(sizes[i], sizes[i + 1]);
        layers = Sequential(parts);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => layers.forward(x);
}
