// Reads: init-outside, init-weight, init-elsewhere
class Experiment
{
    private readonly Net model;
    public Experiment()
    {
        model = new Net();
        init.orthogonal_(model.fc1.weight, 2);
        model.fc2.weight.normal_(0, 0.02);
    }
    public Tensor Run(Tensor x) => model.call(x);
}
class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
