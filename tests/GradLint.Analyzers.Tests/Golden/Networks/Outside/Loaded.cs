// Reads: loaded, top-level
var model = new Net();
model.load_state_dict(new Dictionary<string, Tensor>());
Console.WriteLine(model.call(rand(1, 4)));
class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
