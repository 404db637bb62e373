// Reads: list-of-pairs, sequential-variable, sequential-outside
static class Models
{
    public static Module<Tensor, Tensor> Classifier()
    {
        var parts = new List<(string, Module<Tensor, Tensor>)> { ("a", Linear(3, 3)), ("s", Sigmoid()) };
        parts.Insert(0, ("norm", LayerNorm(3)));
        var classifier = Sequential(parts);
        return classifier;
    }
}
