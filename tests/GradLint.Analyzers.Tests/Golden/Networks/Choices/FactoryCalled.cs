// Reads: factory-default, construction-site, top-level
var wide = Models.Make(width: 64);

public static class Models
{
    // It is called: what the caller leaves out has its default.
    public static Net Make(int width = 16, double dropout = 0.3) => new Net(width, dropout);
}

public class Net : Module<Tensor, Tensor>
{
    private readonly Linear first, head;
    private readonly Dropout drop;

    public Net(int width, double dropout) : base("Net")
    {
        first = Linear(8, width);
        drop = Dropout(dropout);
        head = Linear(width, 2);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => head.forward(drop.forward(functional.relu(first.forward(x))));
}
