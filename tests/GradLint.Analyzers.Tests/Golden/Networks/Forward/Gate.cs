// Reads: product, activation-torch, property
class Net : Module<Tensor, Tensor>
{
    public Linear Value { get; } = Linear(6, 6);
    public Linear Gate { get; } = Linear(6, 6);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var gate = torch.sigmoid(Gate.forward(x));
        return gate * Value.forward(x).tanh() + (1 - gate) * x;
    }
}
