// Reads: method-group, nested-module, choice-of-layer
public class Excitation : Module<Tensor, Tensor>
{
    private readonly Conv2d fc1, fc2;
    private readonly Module<Tensor, Tensor> activation, scale;

    public Excitation(long channels, long squeezed, Func<Module<Tensor, Tensor>> activation = null, Func<Module<Tensor, Tensor>> scale = null) : base("se")
    {
        fc1 = Conv2d(channels, squeezed, 1);
        fc2 = Conv2d(squeezed, channels, 1);
        this.activation = activation is null ? ReLU() : activation();
        this.scale = scale is not null ? scale() : Sigmoid();
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x * scale.call(fc2.call(activation.call(fc1.call(functional.adaptive_avg_pool2d(x, 1)))));
}

public class Net : Module<Tensor, Tensor>
{
    private readonly Excitation first = new(8, 2), second = new(8, 4, () => ReLU6(), () => Hardsigmoid()), third = new(8, 4, scale: () => Hardsigmoid());

    public Net() : base("Net") => RegisterComponents();

    public override Tensor forward(Tensor x) => third.call(second.call(first.call(x)));
}
