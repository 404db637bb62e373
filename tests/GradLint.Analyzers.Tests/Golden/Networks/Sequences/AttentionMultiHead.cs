// Reads: attention-by-hand, view, nested-module
class SelfAttention : Module<Tensor, Tensor>
{
    private readonly Linear query, key, value, proj;
    private readonly Dropout drop;
    private readonly int heads, headDim;
    private readonly Tensor mask;
    public SelfAttention(int width, int heads, int length, double dropout) : base("SelfAttention")
    {
        this.heads = heads;
        headDim = width / heads;
        query = Linear(width, width, hasBias: false);
        key = Linear(width, width, hasBias: false);
        value = Linear(width, width, hasBias: false);
        proj = Linear(width, width);
        drop = Dropout(dropout);
        mask = torch.ones(length, length).tril();
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var b = x.shape[0];
        var t = x.shape[1];
        var q = query.forward(x).view(b, t, heads, headDim).transpose(1, 2);
        var k = key.forward(x).view(b, t, heads, headDim).transpose(1, 2);
        var v = value.forward(x).view(b, t, heads, headDim).transpose(1, 2);
        var att = torch.matmul(q, k.transpose(-2, -1)) * (1.0 / Math.Sqrt(headDim));
        att = att.masked_fill(mask == 0, float.NegativeInfinity);
        att = nn.functional.softmax(att, dim: -1);
        att = drop.forward(att);
        var y = torch.matmul(att, v);
        y = y.transpose(1, 2).contiguous().view(b, t, -1);
        return proj.forward(y);
    }
}
class Net : Module<Tensor, Tensor>
{
    private readonly SelfAttention attention = new(64, 4, 128, 0.0);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => attention.forward(x);
}
