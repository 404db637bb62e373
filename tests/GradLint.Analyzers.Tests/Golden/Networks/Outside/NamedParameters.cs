// Reads: init-outside, init-named-parameters, top-level
var model = new Net();
foreach (var (name, p) in model.named_parameters())
{
    if (name.EndsWith("weight"))
        init.kaiming_normal_(p, nonlinearity: init.NonlinearityType.Tanh);
    else
        init.constant_(p, 0.1);
}
Console.WriteLine(model);
class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
