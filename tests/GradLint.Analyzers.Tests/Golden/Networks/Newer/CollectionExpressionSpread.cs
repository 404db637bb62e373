// Reads: collection-expression, concatenation, view
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(4, 4), b = Linear(4, 4);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        Tensor[] first = [a.call(x)];
        return torch.cat([.. first, b.call(x)], 1);
    }
}
