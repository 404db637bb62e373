// Reads: module-dict, unreadable, call-forward
class Net : Module<Tensor, Tensor>
{
    private readonly ModuleDict<Module<Tensor, Tensor>> heads = new();
    private readonly string task;
    private readonly Linear body = Linear(6, 6);
    public Net(string task) : base("Net")
    {
        this.task = task;
        heads.Add("regression", Linear(6, 1));
        heads.Add("classes", Linear(6, 10));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => heads[task].forward(body.forward(x));
}
