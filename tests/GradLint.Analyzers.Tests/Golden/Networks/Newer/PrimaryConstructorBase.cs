// Reads: primary-constructor, user-base-class, nested-module
abstract class Model(string name, int hidden) : Module<Tensor, Tensor>(name)
{
    protected readonly Linear head = Linear(hidden, 2);
}
class Net() : Model("Net", 6)
{
    private readonly Linear stem = Linear(3, 6);
    public override Tensor forward(Tensor x) => head.call(stem.call(x).tanh());
}
