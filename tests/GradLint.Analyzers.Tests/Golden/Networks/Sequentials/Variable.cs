// Reads: sequential-variable, sequential-tuples, sequential-outside
static class Program
{
    static void Main()
    {
        var lin1 = Linear(1000, 100);
        var lin2 = Linear(100, 10);
        var seq = Sequential(("lin1", lin1), ("relu1", ReLU()), ("drop1", Dropout(0.1)), ("lin2", lin2));
        var x = torch.randn(64, 1000);
        for (int i = 0; i < 10; i++)
        {
            var output = seq.forward(x);
            output.sum().backward();
        }
    }
}
