// Reads: learned-token, scaled-dot-product
public class Net : Module<Tensor, Tensor>
{
    private readonly Parameter queries = Parameter(randn(5, 8));
    private readonly Linear key = Linear(8, 8), value = Linear(8, 8), head = Linear(8, 1);

    public Net() : base("pool") => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        var pooled = functional.scaled_dot_product_attention(queries.expand(x.shape[0], -1, -1), key.forward(x), value.forward(x));
        return head.forward(pooled);
    }
}
