// Reads: property, field-initializer, call-call, activation-torch
class Net : Module<Tensor, Tensor>
{
    public Linear Encoder { get; set; }
    public Linear Decoder { get; } = Linear(3, 28);

    public Net() : base("Autoencoder")
    {
        Encoder = Linear(28, 3, hasBias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => torch.sigmoid(Decoder.call(torch.tanh(Encoder.call(x))));
}
