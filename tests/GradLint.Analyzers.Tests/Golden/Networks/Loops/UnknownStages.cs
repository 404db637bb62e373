// Reads: loop-unknown, list-of-modules, block-helper
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential features;
    private readonly Linear head = Linear(64, 10);
    public Net(int stages, int depth) : base("Net")
    {
        var layers = new List<Module<Tensor, Tensor>> { Conv2d(3, 64, 3, padding: 1) };
        for (int s = 0; s < stages; s++)
        {
            AddStage(layers, depth);
            layers.Add(MaxPool2d(2));
        }
        layers.Add(AdaptiveAvgPool2d(1));
        layers.Add(Flatten());
        features = Sequential(layers);
        RegisterComponents();
    }
    private static void AddStage(List<Module<Tensor, Tensor>> layers, int depth)
    {
        for (int i = 0; i < depth; i++)
        {
            layers.Add(Conv2d(64, 64, 3, padding: 1));
            layers.Add(ReLU());
        }
    }
    public override Tensor forward(Tensor x) => head.forward(features.forward(x));
}
