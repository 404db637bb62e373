// Reads: loop-unknown, module-list, forward-foreach, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> layers = new();
    private readonly Linear head;
    public Net(int depth, int growth) : base("Net")
    {
        for (int i = 0; i < depth; i++)
            layers.Add(Linear(16 + i * growth, growth));
        head = Linear(16 + depth * growth, 10);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var features = new List<Tensor> { x };
        foreach (var layer in layers)
            features.Add(nn.functional.relu(layer.forward(cat(features.ToArray(), 1))));
        return head.forward(cat(features.ToArray(), 1));
    }
}
