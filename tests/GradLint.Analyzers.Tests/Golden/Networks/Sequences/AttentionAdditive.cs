// Reads: attention-by-hand, unreadable
class Net : Module<Tensor, Tensor, Tensor>
{
    private readonly Linear query = Linear(8, 16), key = Linear(8, 16), score = Linear(16, 1);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor decoder, Tensor encoder)
    {
        var energy = torch.tanh(query.forward(decoder).unsqueeze(1) + key.forward(encoder));
        var weights = functional.softmax(score.forward(energy).squeeze(-1), dim: 1);
        return torch.bmm(weights.unsqueeze(1), encoder).squeeze(1);
    }
}
