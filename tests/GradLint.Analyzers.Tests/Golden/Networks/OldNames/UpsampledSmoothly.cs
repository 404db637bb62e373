// Reads: upsample, unreadable
class Net : Module<Tensor, Tensor>
{
    // Bilinear interpolation averages: it is no repetition.
    private readonly Upsample up = Upsample(scale_factor: new double[] { 2, 2 }, mode: UpsampleMode.Bilinear, align_corners: true);
    private readonly Conv2d conv = Conv2d(8, 8, 3, padding: 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => conv.forward(up.forward(x));
}
