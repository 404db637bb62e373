// Reads: concatenation, forward-foreach, module-list
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleList<Linear> branches = new(Linear(4, 2), Linear(4, 2));
    private readonly Linear head = Linear(4, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x)
    {
        var outputs = new List<Tensor>();
        foreach (var branch in branches)
            outputs.Add(branch.forward(x).relu());
        return head.forward(cat(outputs, 1));
    }
}
