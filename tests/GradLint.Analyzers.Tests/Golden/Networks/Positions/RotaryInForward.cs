// Reads: rotary
class Rotary : Module<Tensor, Tensor>
{
    private readonly Tensor inv_freq;
    public Rotary(int dim) : base("Rotary")
    {
        inv_freq = 1.0 / torch.pow(10000.0, torch.arange(0, dim, 2).to(ScalarType.Float32) / dim);
        register_buffer("inv_freq", inv_freq);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var t = torch.arange(x.shape[1]).to(ScalarType.Float32);
        var freqs = torch.outer(t, inv_freq);
        var emb = torch.cat(new[] { freqs, freqs }, dim: -1);
        var half = x.shape[2] / 2;
        var x1 = x[TensorIndex.Ellipsis, TensorIndex.Slice(null, half)];
        var x2 = x[TensorIndex.Ellipsis, TensorIndex.Slice(half)];
        return x * emb.cos() + torch.cat(new[] { -x2, x1 }, dim: -1) * emb.sin();
    }
}
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(16, 16), fc2 = Linear(16, 4);
    private readonly Rotary rotary = new(16);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.forward(rotary.forward(fc1.forward(x)));
}
