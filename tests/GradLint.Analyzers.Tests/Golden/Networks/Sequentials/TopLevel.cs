// Reads: sequential-outside, top-level, sequential-tuples
var model = Sequential(
    ("lin1", Linear(2, 16)),
    ("tanh", Tanh()),
    ("lin2", Linear(16, 1)));
var optimizer = torch.optim.SGD(model.parameters(), 0.01);
optimizer.zero_grad();
model.forward(torch.rand(8, 2)).mean().backward();
optimizer.step();
