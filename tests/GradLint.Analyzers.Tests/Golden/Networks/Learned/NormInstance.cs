// Reads: normalization-by-hand, sequential-in-class
public class Net : Module<Tensor, Tensor>
{
    private readonly Sequential first = Sequential(Conv2d(3, 8, 3), ReLU());
    private readonly Conv2d second = Conv2d(8, 3, 3);

    public Net() : base("style") => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = first.forward(x);
        var mean = x.mean(new long[] { 2, 3 }, keepdim: true);
        var centered = x - mean;
        var variance = (centered * centered).mean(new long[] { 2, 3 }, keepdim: true);
        return second.forward(centered * torch.rsqrt(variance + 1e-5));
    }
}
