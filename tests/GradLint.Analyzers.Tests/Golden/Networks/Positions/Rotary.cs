// Reads: rotary, attention-by-hand, buffer
class Net : Module<Tensor, Tensor>
{
    private readonly Linear q_proj = Linear(32, 32), k_proj = Linear(32, 32), v_proj = Linear(32, 32), o_proj = Linear(32, 32);
    private readonly Tensor cos, sin;
    public Net(int length = 64) : base("Net")
    {
        var inv_freq = 1.0 / torch.pow(10000.0, torch.arange(0, 8, 2).to(ScalarType.Float32) / 8);
        var freqs = torch.outer(torch.arange(length).to(ScalarType.Float32), inv_freq);
        var emb = torch.cat(new[] { freqs, freqs }, -1);
        cos = emb.cos();
        sin = emb.sin();
        register_buffer("cos", cos);
        register_buffer("sin", sin);
        RegisterComponents();
    }
    private static Tensor RotateHalf(Tensor x)
    {
        var halves = x.chunk(2, -1);
        return torch.cat(new[] { -halves[1], halves[0] }, -1);
    }
    private Tensor Rotate(Tensor x, long n) => x * cos[TensorIndex.Slice(0, n)] + RotateHalf(x) * sin[TensorIndex.Slice(0, n)];
    public override Tensor forward(Tensor x)
    {
        var (b, n) = (x.shape[0], x.shape[1]);
        var q = q_proj.forward(x).view(b, n, 4, 8).transpose(1, 2);
        var k = k_proj.forward(x).view(b, n, 4, 8).transpose(1, 2);
        var v = v_proj.forward(x).view(b, n, 4, 8).transpose(1, 2);
        q = Rotate(q, n);
        k = Rotate(k, n);
        var attn = functional.softmax(q.matmul(k.transpose(-2, -1)) / Math.Sqrt(8), -1);
        return o_proj.forward(attn.matmul(v).transpose(1, 2).reshape(b, n, 32));
    }
}
