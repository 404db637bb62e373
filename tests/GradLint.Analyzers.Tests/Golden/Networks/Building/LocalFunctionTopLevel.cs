// Reads: local-function, top-level, sequential-outside
var model = Sequential(Dense("a", 4, 4), Dense("b", 4, 1));
model.call(torch.rand(2, 4));

static Sequential Dense(string name, int from, int to)
{
    return Sequential((name, Linear(from, to)), ("act", Hardswish()));
}
