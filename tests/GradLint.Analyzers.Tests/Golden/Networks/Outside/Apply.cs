// Reads: init-outside, init-apply
static class Program
{
    static void Main()
    {
        var model = new Net();
        model.apply(InitWeights);
        Console.WriteLine(model);
    }
    static void InitWeights(Module m)
    {
        if (m is Linear linear)
        {
            init.xavier_uniform_(linear.weight);
            init.zeros_(linear.bias);
        }
    }
}
class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
