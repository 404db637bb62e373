// Reads: init-outside, top-level
var model = new Net();
var optimizer = optim.SGD(model.parameters(), 0.1);
for (int epoch = 0; epoch < 50; epoch++)
{
    optimizer.zero_grad();
    var loss = nn.functional.mse_loss(model.call(rand(8, 4)), rand(8, 2));
    loss.backward();
    optimizer.step();
    using (no_grad())
    {
        foreach (var p in model.parameters())
            p.clamp_(-0.01, 0.01);
    }
}
init.zeros_(model.fc1.weight);
class Net : Module<Tensor, Tensor>
{
    public readonly Linear fc1 = Linear(4, 8);
    public readonly Linear fc2 = Linear(8, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => fc2.call(fc1.call(x).tanh());
}
