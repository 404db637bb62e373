// Reads: choice-by-key, activation-argument
public class Net : Module<Tensor, Tensor>
{
    private readonly Linear first = Linear(10, 10), second = Linear(10, 1);
    private readonly Module<Tensor, Tensor> activation;

    public Net(string activation) : base("Net")
    {
        var known = new Dictionary<string, Module<Tensor, Tensor>> { ["relu"] = ReLU(), ["tanh"] = Tanh(), ["gelu"] = GELU() };
        this.activation = known[activation];
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => second.forward(activation.forward(first.forward(x)));
}
