// Reads: choice-by-key, unreadable
public class Net : Module<Tensor, Tensor>
{
    // More ways than are followed.
    private readonly Dictionary<string, int> widths = new()
    {
        ["a"] = 1, ["b"] = 2, ["c"] = 3, ["d"] = 4, ["e"] = 5, ["f"] = 6, ["g"] = 7, ["h"] = 8, ["i"] = 9,
    };

    private readonly Linear first, head;

    public Net(string size) : base("Net")
    {
        first = Linear(4, widths[size]);
        head = Linear(widths[size], 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => head.forward(sigmoid(first.forward(x)));
}
