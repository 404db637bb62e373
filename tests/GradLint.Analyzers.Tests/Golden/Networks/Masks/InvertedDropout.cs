// Reads: dropout-by-hand
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(16, 32), fc2 = Linear(32, 32), fc3 = Linear(32, 4);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        x = functional.relu(fc1.forward(x));
        if (training)
            x = Drop(x, 0.25);
        x = functional.relu(fc2.forward(x));
        if (training)
            x = (torch.rand_like(x) < 0.5).to(ScalarType.Float32) * x / 0.5;
        return fc3.forward(x);
    }
    private static Tensor Drop(Tensor x, double p)
    {
        var mask = (torch.rand(x.shape) > p).to_type(ScalarType.Float32);
        return mask * x / (1.0 - p);
    }
}
