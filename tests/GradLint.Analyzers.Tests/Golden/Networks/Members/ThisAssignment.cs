// Reads: constructor-assignment, this-assignment, named-arguments, call-call
class Net : Module<Tensor, Tensor>
{
    private Linear hidden;
    private Linear output;
    private LeakyReLU activation;

    public Net(long inputs, long outputs) : base("Net")
    {
        this.hidden = Linear(inputSize: inputs, outputSize: 32);
        this.activation = LeakyReLU(negative_slope: 0.2);
        this.output = Linear(32, outputs, hasBias: true);
        this.RegisterComponents();
    }

    public override Tensor forward(Tensor t)
    {
        t = this.hidden.call(t);
        t = this.activation.call(t);
        return this.output.call(t);
    }
}
