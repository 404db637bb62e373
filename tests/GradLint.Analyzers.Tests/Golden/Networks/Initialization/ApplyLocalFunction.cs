// Reads: init-apply, local-function, top-level
var generator = Sequential(Linear(10, 20), ReLU(), Linear(20, 5));
void Reset(Module m)
{
    if (m is Linear l)
        init.kaiming_normal_(l.weight);
}
generator.apply(Reset);
generator.call(torch.randn(1, 10)).sum().backward();
