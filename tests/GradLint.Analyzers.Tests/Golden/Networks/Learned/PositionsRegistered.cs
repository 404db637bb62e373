// Reads: learned-position, nested-module, property
public class Net : Module<Tensor, Tensor>
{
    private readonly PositionalEmbedding embed = new(32, 64);
    private readonly Linear head = Linear(64, 2);

    public Net() : base(nameof(Net)) => RegisterComponents();

    public override Tensor forward(Tensor x) => head.forward(embed.forward(x));
}

public class PositionalEmbedding : Module<Tensor, Tensor>
{
    public Parameter Table { get; }

    public PositionalEmbedding(int length, int width) : base("pos")
    {
        var table = torch.empty(length, width);
        init.normal_(table, 0, 0.1);
        Table = nn.Parameter(table);
        register_parameter("table", Table);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var positions = Table.unsqueeze(0);
        return (input + positions).MoveToOuterDisposeScope();
    }
}
