// Reads: init-helper, static-factory, switch
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(5, 5), b = Linear(5, 1);
    public Net() : base("Net")
    {
        Init.Weights(a, "xavier");
        Init.Weights(b, "normal");
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => b.forward(a.forward(x).tanh());
}
//--- Init.cs
static class Init
{
    public static void Weights(Linear layer, string how)
    {
        switch (how)
        {
            case "xavier":
                init.xavier_uniform_(layer.weight, init.calculate_gain(init.NonlinearityType.Tanh));
                break;
            case "normal":
                init.normal_(layer.weight, 0.0, 0.02);
                break;
        }
        init.zeros_(layer.bias);
    }
}
