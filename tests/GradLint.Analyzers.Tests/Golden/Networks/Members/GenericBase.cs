// Reads: user-base-class, field-initializer, expression-body
abstract class Model<T> : Module<Tensor, Tensor> where T : Module<Tensor, Tensor>
{
    protected T body = null!;
    protected Model(string name) : base(name) { }
    public override Tensor forward(Tensor x) => body.forward(x);
}

class Net : Model<Linear>
{
    public Net() : base("Net")
    {
        body = Linear(6, 7);
        RegisterComponents();
    }
}
