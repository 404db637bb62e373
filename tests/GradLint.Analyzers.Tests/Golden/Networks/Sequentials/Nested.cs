// Reads: sequential-params, sequential-tuples, sequential-in-class
class Net : Module<Tensor, Tensor>
{
    private readonly Sequential net = Sequential(
        ("encoder", Sequential(Linear(8, 4), ReLU(), Linear(4, 2))),
        ("decoder", Sequential(("fc", Linear(2, 8)), ("out", Sigmoid()))));
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => net.forward(x);
}
