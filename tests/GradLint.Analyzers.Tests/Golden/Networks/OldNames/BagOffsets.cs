// Reads: embedding-bag, named-arguments
class Net : Module<Tensor, Tensor>
{
    private readonly EmbeddingBag embedding = EmbeddingBag(50, 8, mode: EmbeddingBagMode.Sum);
    private readonly Linear fc = Linear(8, 2);
    private readonly Tensor offsets;
    public Net() : base("text") => RegisterComponents();
    public override Tensor forward(Tensor input) => fc.forward(embedding.forward(input, offsets));
}
