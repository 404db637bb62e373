// Reads: loop-unknown, forward-for, unreadable
class Net : Module<Tensor, Tensor>
{
    // Both begin as the input, and each round exchanges them: neither is a chain of rounds.
    private readonly Linear fc = Linear(8, 8);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var (a, b) = (x, x);
        for (var t = 0; t < x.shape[1]; t++)
            (a, b) = (b, torch.tanh(fc.call(a)));
        return b;
    }
}
