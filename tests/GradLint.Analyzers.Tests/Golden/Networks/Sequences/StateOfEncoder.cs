// Reads: gru, unreadable, initial-state
class Net : Module<Tensor, Tensor>
{
    // The gradient of the decoder's state goes on into the encoder.
    private readonly Linear encoder = Linear(16, 6), head = Linear(6, 2);
    private readonly GRU decoder = GRU(4, 6);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor z)
    {
        var state = encoder.call(z).unsqueeze(0);
        var (output, _) = decoder.call(torch.zeros(10, z.shape[0], 4), state);
        return head.call(output);
    }
}
