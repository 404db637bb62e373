// Reads: init-elsewhere, init-named-parameters, cast
static class ModuleExtensions
{
    public static void Orthogonal(this Module module, double gain = 1)
    {
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (name.Contains("weight"))
                init.orthogonal_((Tensor)parameter, gain);
            else
                init.zeros_(parameter);
        }
    }
}
class Net : Module<Tensor, Tensor>
{
    private readonly Linear a = Linear(4, 4), b = Linear(4, 1);
    public Net() : base("Net")
    {
        RegisterComponents();
        this.Orthogonal(Math.Sqrt(2));
    }
    public override Tensor forward(Tensor x) => b.forward(a.forward(x).relu());
}
