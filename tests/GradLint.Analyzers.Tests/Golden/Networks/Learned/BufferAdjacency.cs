// Reads: buffer, unreadable
public class Net : Module<Tensor, Tensor>
{
    private readonly Tensor adjacency;
    private readonly Linear fc = Linear(5, 8);

    public Net(Tensor adjacency) : base("gcn")
    {
        this.adjacency = adjacency.clone();
        register_buffer("adjacency", this.adjacency);
        RegisterComponents();
    }

    // A graph mixes the nodes; with what, the source does not say.
    public override Tensor forward(Tensor x) => functional.relu(torch.matmul(adjacency, fc.forward(x)));
}
