// Reads: rnn, init-named-parameters, indexing
class Net : Module<Tensor, Tensor>
{
    private readonly RNN rnn = RNN(3, 7);
    private readonly Linear fc = Linear(7, 1);
    public Net() : base("Net")
    {
        foreach (var (name, p) in rnn.named_parameters())
        {
            if (name.StartsWith("weight_hh"))
                init.orthogonal_(p);
        }
        RegisterComponents();
    }
    public override Tensor forward(Tensor x)
    {
        var (y, _) = rnn.call(x);
        return fc.call(y[-1]);
    }
}
