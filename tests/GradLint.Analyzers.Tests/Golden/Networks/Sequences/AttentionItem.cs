// Reads: attention, named-arguments, expression-body
class Net : Module<Tensor, Tensor>
{
    private readonly MultiheadAttention attention = MultiheadAttention(embedded_dim: 8, num_heads: 2, dropout: 0.1, bias: false);
    private readonly Linear q = Linear(8, 8);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => attention.call(q.call(x), x, x, null, true, null).Item1;
}
