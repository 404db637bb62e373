// Reads: construction-site, constructor-assignment
class Agent
{
    private readonly Net policy;
    private readonly int hidden;
    public Agent(int hidden, double learningRate = 1e-3)
    {
        this.hidden = hidden;
        policy = new Net(2, this.hidden);
    }
    public Tensor Act(Tensor state) => policy.call(state);
}
static class Program
{
    static void Main() => Console.WriteLine(new Agent(32).Act(zeros(1, 4)));
}
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Module<Tensor, Tensor>> hidden = new();
    private readonly Linear head;
    public Net(int depth, int width = 8) : base("Net")
    {
        for (int i = 0; i < depth; i++)
            hidden.Add(Linear(i == 0 ? 4 : width, width));
        head = Linear(width, 2);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        foreach (var layer in hidden)
            x = layer.call(x).tanh();
        return head.call(x);
    }
}
