// Reads: partial-class, property, call-call
public partial class Net : Module<Tensor, Tensor>
{
    public Conv1d Conv { get; private set; }
    public Net() : base("Net")
    {
        Conv = Conv1d(4, 8, 5, padding: 2);
        RegisterComponents();
    }
}
//--- Net.Forward.cs
public partial class Net
{
    public override Tensor forward(Tensor x) => Conv.call(x).relu_();
}
