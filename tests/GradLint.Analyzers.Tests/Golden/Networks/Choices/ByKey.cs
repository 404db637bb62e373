// Reads: choice-by-key, list-of-pairs
public class Net : Module<Tensor, Tensor>
{
    private readonly Dictionary<string, long[]> plans = new Dictionary<string, long[]>()
    {
        { "small", new long[] { 8, 0 } },
        { "large", new long[] { 8, 16, 0 } },
    };

    private readonly Module<Tensor, Tensor> layers;

    public Net(string name) : base(name)
    {
        var modules = new List<(string, Module<Tensor, Tensor>)>();
        var plan = plans[name.ToLower()];
        long channels = 3;
        for (var i = 0; i < plan.Length; i++)
        {
            if (plan[i] == 0)
            {
                modules.Add(($"pool{i}", MaxPool2d(2)));
                continue;
            }

            modules.Add(($"conv{i}", Conv2d(channels, plan[i], 3)));
            modules.Add(($"relu{i}", ReLU()));
            channels = plan[i];
        }

        layers = Sequential(modules);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => layers.call(x);
}
