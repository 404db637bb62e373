// Reads: rnn, concatenation, forward-for
class Net : Module<Tensor, Tensor>
{
    private readonly Linear i2h = Linear(6 + 12, 12), h2o = Linear(12, 3);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor sequence)
    {
        var h = torch.zeros(sequence.shape[1], 12);
        for (var t = 0; t < sequence.shape[0]; t++)
            h = torch.tanh(i2h.call(torch.cat(new[] { sequence[t], h }, 1)));
        return h2o.call(h);
    }
}
