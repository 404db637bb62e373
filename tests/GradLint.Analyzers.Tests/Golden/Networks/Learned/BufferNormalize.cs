// Reads: buffer, sequential-variable
public class Net : Module<Tensor, Tensor>
{
    private readonly Tensor mean, std;
    private readonly Sequential net;

    public Net() : base("Net")
    {
        mean = full(new long[] { 1, 3, 1, 1 }, 0.5f);
        std = full(new long[] { 1, 3, 1, 1 }, 0.25f);
        net = Sequential(Conv2d(3, 8, 3), ReLU(), Flatten(), Linear(8 * 6 * 6, 10));
        register_buffer("mean", mean);
        register_buffer("std", std);
        register_module("net", net);
    }

    public override Tensor forward(Tensor x) => net.forward((x - mean) / std);
}
