// Reads: embedding-bag, nested-module
class Bow : Module<Tensor, Tensor>
{
    private readonly EmbeddingBag words = EmbeddingBag(1000, 64, mode: EmbeddingBagMode.Max);
    public Bow() : base("bow") => RegisterComponents();
    public override Tensor forward(Tensor x) => words.call(x).relu();
}
class Net : Module<Tensor, Tensor>
{
    private readonly Bow encoder = new Bow();
    private readonly Linear head = Linear(64, 2);
    public Net() : base("Net") => RegisterComponents();
    public override Tensor forward(Tensor x) => head.forward(encoder.forward(x));
}
