// Reads: method-group, activation-argument, nested-module
public class Mlp : Module<Tensor, Tensor>
{
    private readonly Linear fc1, fc2;
    private readonly Module<Tensor, Tensor> act;

    public Mlp(int width, Func<Module<Tensor, Tensor>> activation = null) : base("mlp")
    {
        activation = activation ?? (() => GELU());
        fc1 = Linear(width, width);
        act = activation();
        fc2 = Linear(width, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => fc2.forward(act.forward(fc1.forward(x)));
}

public class Net : Module<Tensor, Tensor>
{
    private readonly Mlp first = new(4, SiLU), second = new(4);

    public Net() : base("Net") => RegisterComponents();

    private static Module<Tensor, Tensor> SiLU() => nn.SiLU();

    public override Tensor forward(Tensor x) => second.forward(first.forward(x));
}
