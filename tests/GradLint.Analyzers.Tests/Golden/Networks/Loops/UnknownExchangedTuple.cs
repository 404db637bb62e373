// Reads: loop-unknown, forward-for, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(8, 8);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        (Tensor First, Tensor Second) pair = (x, x);
        for (var t = 0; t < x.shape[1]; t++)
            pair = (pair.Second, torch.tanh(fc.call(pair.First)));
        return pair.First;
    }
}
