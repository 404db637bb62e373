// Reads: loaded, init-outside
static class Program
{
    static Dictionary<string, Tensor> Checkpoint() => new();
    static void Main()
    {
        var model = new Net();
        if (System.IO.File.Exists("model.dat"))
            model.load_state_dict(Checkpoint());
        Console.WriteLine(model);
    }
}
class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
