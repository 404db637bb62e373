// Reads: concatenation, activation-functional, nested-module
class Net : Module<Tensor, Tensor>
{
    private readonly Conv2d c1 = Conv2d(3, 8, 3, padding: 1), c2 = Conv2d(8, 8, 3, padding: 1), c3 = Conv2d(16, 8, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var skip = functional.relu(c1.forward(x));
        var deep = functional.relu(c2.forward(skip));
        return c3.forward(torch.cat(new Tensor[] { deep, skip }, dim: 1));
    }
}
