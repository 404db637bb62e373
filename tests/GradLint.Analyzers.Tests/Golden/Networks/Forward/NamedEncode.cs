// Reads: forward-named-otherwise, forward-helper, activation-tensor-method
class Net : Module<Tensor, Tensor>
{
    private readonly Linear enc = Linear(8, 2), dec = Linear(2, 8);
    public Net() : base("Net") => RegisterComponents();
    public Tensor Encode(Tensor x) => enc.forward(x).relu();
    public Tensor Decode(Tensor z) => dec.forward(z).sigmoid();
    public override Tensor forward(Tensor x)
    {
        var z = Encode(x);
        return Decode(z);
    }
}
