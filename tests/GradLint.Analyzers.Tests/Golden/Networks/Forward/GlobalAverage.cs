// Reads: pooling, indexing, activation-in-place
class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d conv = Conv2d(3, 12, 3);
    private readonly Linear fc = Linear(12, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        x = conv.forward(x).relu_().mean(new long[] { 2, 3 });
        return fc.forward(x)[TensorIndex.Ellipsis, 0];
    }
}
