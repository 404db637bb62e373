// Reads: init-outside, unreadable
public class Handler
{
    private readonly IServiceProvider services;
    public Handler(IServiceProvider services) => this.services = services;
    public void OnStart()
    {
        var model = (Net)services.GetService(typeof(Net));
        init.xavier_uniform_(model.fc1.weight);
    }
}
public class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
