// Reads: learned-list, loop-unknown
class Net : Module<Tensor, Tensor>
{
    private readonly ParameterList biases = new ParameterList();
    private readonly Linear embed = Linear(4, 6), head = Linear(6, 1);
    private readonly int count;
    public Net(int count) : base("Net")
    {
        this.count = count;
        for (var i = 0; i < count; i++)
            biases.append(Parameter(ones(6)));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        x = embed.forward(x);
        for (var i = 0; i < count; i++)
            x = (x + biases[i]).relu();
        return head.forward(x);
    }
}
