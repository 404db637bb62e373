// Reads: init-outside, init-apply, lambda
class Trainer
{
    private readonly Module<Tensor, Tensor> model;
    public Trainer(Module<Tensor, Tensor> model) => this.model = model;
    public void Fit()
    {
        model.apply(m => { if (m is Linear l) init.kaiming_uniform_(l.weight); });
    }
}
static class Program
{
    static async System.Threading.Tasks.Task Main()
    {
        await RunAsync(new Net());
    }
    static async System.Threading.Tasks.Task RunAsync(Net net)
    {
        var trainer = new Trainer(net);
        await System.Threading.Tasks.Task.Yield();
        trainer.Fit();
    }
}
class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
