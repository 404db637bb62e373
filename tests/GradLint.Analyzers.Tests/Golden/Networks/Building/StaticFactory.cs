// Reads: static-factory, sequential-outside, sequential-params
static class Networks
{
    public static Sequential Mlp() => Sequential(Block(10, 20), Block(20, 20), Linear(20, 1));
    private static Sequential Block(long from, long to) => Sequential(Linear(from, to), Tanh());
}
