// Reads: nullable, block-helper, math
public class Net : Module<Tensor, Tensor>
{
    private readonly Sequential features;

    public Net(double multiplier = 0.75) : base("mobile")
    {
        var width = Divisible(32 * multiplier, 8);
        features = Sequential(Conv2d(3, width, 3), ReLU6(), Conv2d(width, Divisible(20 * multiplier, 8, 16), 1));
        RegisterComponents();
    }

    private static long Divisible(double v, long divisor, long? least = null)
    {
        if (!least.HasValue)
            least = divisor;
        var rounded = Math.Max(least.Value, (long)(v + divisor / 2.0) / divisor * divisor);
        if (rounded < 0.9 * v)
            rounded += divisor;
        return rounded;
    }

    public override Tensor forward(Tensor x) => features.call(x);
}
