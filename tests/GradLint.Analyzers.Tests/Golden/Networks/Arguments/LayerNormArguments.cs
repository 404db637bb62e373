// Reads: named-arguments
class Net : Module<Tensor, Tensor>
{
    private readonly LayerNorm whole = LayerNorm(8), scaled = LayerNorm(8, bias: false), plain = LayerNorm(8, elementwise_affine: false);
    private readonly LayerNorm shape = LayerNorm(new long[] { 8 }, 1e-6, true, false);
    private readonly Linear fc = Linear(8, 8), head = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => head.forward(shape.forward(plain.forward(scaled.forward(whole.forward(fc.forward(x))))));
}
