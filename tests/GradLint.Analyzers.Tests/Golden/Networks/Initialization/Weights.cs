// Reads: init-weight, named-arguments, constructor-assignment
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a, b;
    private readonly Conv1d c;
    public Net() : base("Net")
    {
        a = Linear(4, 16);
        b = Linear(16, 16);
        c = Conv1d(1, 2, 3);
        nn.init.kaiming_uniform_(a.weight, a: Math.Sqrt(5));
        nn.init.kaiming_normal_(b.weight, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        nn.init.uniform_(a.bias, -0.5, 0.5);
        nn.init.constant_(b.bias, 0.1);
        torch.nn.init.trunc_normal_(c.weight, std: 0.02);
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => c.forward(b.forward(a.forward(x)));
}
