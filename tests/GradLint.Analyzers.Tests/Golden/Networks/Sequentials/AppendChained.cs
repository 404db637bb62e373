// Reads: sequential-append, sequential-outside, top-level
var model = Sequential().append("a", Linear(5, 5)).append("act", Mish()).append("b", Linear(5, 2));
Console.WriteLine(model.call(torch.rand(1, 5)));
