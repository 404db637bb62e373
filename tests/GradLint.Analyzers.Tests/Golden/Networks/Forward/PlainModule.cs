// Reads: forward-named-otherwise, nested-module, property
class Attention : Module
{
    public Linear Query { get; } = Linear(4, 4);
    public Attention() : base("Attention") => RegisterComponents();
    public Tensor forward(Tensor x, Tensor gate) => Query.forward(x) * gate.sigmoid();
}
class Net : Module<Tensor, Tensor>
{
    private readonly Attention attention = new();
    private readonly Linear gate = Linear(4, 4);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => attention.forward(x, gate.forward(x));
}
