// Reads: cell, several-inputs, property
class Net : Module<Tensor, Tensor, Tensor>
{
    public GRUCell Cell { get; } = GRUCell(4, 6);
    private readonly Linear head = Linear(6, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x, Tensor h)
    {
        var next = Cell.call(x, h);
        return head.call(next);
    }
}
