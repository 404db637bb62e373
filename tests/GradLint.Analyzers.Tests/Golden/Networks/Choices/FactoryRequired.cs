// Reads: factory-default, block-helper, construction-unknown
public static class Zoo
{
    // Nobody calls it: classes may be anything, the width is what it is by default.
    public static Net Create(int classes, int width = 12) => new Net(width, classes);
}

public class Net : Module<Tensor, Tensor>
{
    private readonly Linear body, head;

    public Net(int width, int classes) : base("Net")
    {
        body = Linear(width, width);
        head = Linear(width, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => head.forward(tanh(body.forward(x)));
}
