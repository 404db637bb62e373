// Reads: primary-constructor, forward-conditional, activation-functional
class Block(int from, int to, bool residual = false) : Module<Tensor, Tensor>("Block")
{
    private readonly Linear fc = Linear(from, to);
    public override Tensor forward(Tensor x) => residual ? x + functional.relu(fc.call(x)) : functional.relu(fc.call(x));
}
class Net : Module<Tensor, Tensor>
{
    private readonly Block a = new(3, 3, residual: true), b = new(3, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => b.call(a.call(x));
}
