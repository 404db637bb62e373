// Reads: loaded, field-initializer
class Agent
{
    private readonly Net policy = new();
    public void Load(string path) => policy.load(path);
    public void Save(string path) => policy.save(path);
}
class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
