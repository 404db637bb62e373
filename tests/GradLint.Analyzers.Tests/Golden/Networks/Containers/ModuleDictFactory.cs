// Reads: module-dict, sequential-tuples, activation-tensor-method
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleDict<Module<Tensor, Tensor>> parts = ModuleDict<Module<Tensor, Tensor>>(("a", Linear(4, 4)), ("b", Linear(4, 1)));
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => parts["b"].forward(parts["a"].forward(x).sigmoid());
}
