// Reads: loaded, field-initializer
class Agent
{
    private readonly Net policy = new();
    public void Load(Dictionary<string, Tensor> state) => policy.load_state_dict(state);
    public Dictionary<string, Tensor> Save() => policy.state_dict();
}
class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
