// Reads: init-elsewhere, user-base-class, init-modules
abstract class Model : Module<Tensor, Tensor>
{
    protected Model(string name) : base(name) { }
    protected void InitWeights()
    {
        foreach (var module in modules())
        {
            if (module is Linear linear)
            {
                init.xavier_normal_(linear.weight);
                init.zeros_(linear.bias);
            }
        }
    }
}
//--- Net.cs
class Net : Model
{
    private readonly Linear a = Linear(4, 4), b = Linear(4, 1);
    public Net() : base("Net")
    {
        RegisterComponents();
        InitWeights();
    }
    public override Tensor forward(Tensor x) => b.forward(a.forward(x).sigmoid());
}
