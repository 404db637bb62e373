// Reads: init-outside, sequential-outside, init-apply
static class Program
{
    static Sequential Build(int width) => Sequential(("fc1", Linear(4, width)), ("act", Tanh()), ("fc2", Linear(width, 2)));
    static void Main()
    {
        var model = Build(8);
        model.apply(m =>
        {
            if (m is Linear layer)
                init.xavier_normal_(layer.weight);
        });
        Console.WriteLine(model);
    }
}
