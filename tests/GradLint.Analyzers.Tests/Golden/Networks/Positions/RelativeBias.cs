// Reads: attention-bias, attention-by-hand
class Net : Module<Tensor, Tensor>
{
    private readonly Linear qkv = Linear(32, 96), proj = Linear(32, 32);
    private readonly Parameter relative_position_bias_table;
    private readonly Tensor relative_position_index;
    private readonly double scale = Math.Pow(8, -0.5);
    public Net() : base("Net")
    {
        relative_position_bias_table = Parameter(torch.empty(49, 4));
        init.normal_(relative_position_bias_table, std: 0.02);
        relative_position_index = torch.arange(256).reshape(16, 16).remainder(49);
        register_buffer("relative_position_index", relative_position_index);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var (b, n, c) = (x.shape[0], x.shape[1], x.shape[2]);
        var parts = qkv.forward(x).reshape(b, n, 3, 4, c / 4).permute(2, 0, 3, 1, 4);
        var (q, k, v) = (parts[0] * scale, parts[1], parts[2]);
        var attn = q.matmul(k.transpose(-2, -1));
        var bias = relative_position_bias_table[relative_position_index.view(-1)].view(16, 16, -1);
        attn = attn + bias.permute(2, 0, 1).contiguous().unsqueeze(0);
        attn = functional.softmax(attn, dim: -1);
        return proj.forward(attn.matmul(v).transpose(1, 2).reshape(b, n, c));
    }
}
