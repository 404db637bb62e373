// Reads: dropout-by-hand, unreadable
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(16, 16), fc2 = Linear(16, 16), fc3 = Linear(16, 16), fc4 = Linear(16, 16);
    private readonly Tensor kept = torch.rand(16).floor();
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        // One draw for all samples.
        x = fc1.forward(x) * torch.rand(1, 16).lt(0.5);
        // One that is drawn twice is not drawn anew.
        var mask = torch.rand_like(x) < 0.5;
        x = fc2.forward(x * mask);
        x = fc3.forward(x * mask);
        // A mask that never changes.
        return fc4.forward(x * kept);
    }
}
