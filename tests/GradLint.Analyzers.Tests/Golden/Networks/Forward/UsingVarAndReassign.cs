// Reads: using-var, activation-torch, call-call
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(3, 3), b = Linear(3, 3);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        using var h = a.call(x);
        using (var s = torch.sigmoid(h))
        {
            return torch.tanh(b.call(s));
        }
    }
}
