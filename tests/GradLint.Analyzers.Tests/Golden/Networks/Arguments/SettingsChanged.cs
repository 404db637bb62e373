// Reads: settings, construction-unknown
static class Settings
{
    public static int Width = 8;
}
static class Program
{
    static void Main(string[] args) { Settings.Width = args.Length; Console.WriteLine(new Net()); }
}
class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1, fc2;
    public Net() : base("Net")
    {
        fc1 = Linear(4, Settings.Width);
        fc2 = Linear(Settings.Width, Math.Max(2, Math.Min(10, 3)));
        RegisterComponents();
    }
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).relu());
}
