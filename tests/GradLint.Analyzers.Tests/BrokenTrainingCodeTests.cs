using GradLint.Analyzers.Training;
using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Tests;

public class BrokenTrainingCodeTests
{
    private const string Source = """
        using System.Linq;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        class Net : nn.Module<Tensor, Tensor>
        {
            private readonly GRU gru = nn.GRU(8, 8);
            private nn.Module<Tensor, Tensor> Inner { get; }
            public Net(nn.Module<Tensor, Tensor>? inner = null) : base("Net") { Inner = inner ?? new Net(this); RegisterComponents(); }
            public override Tensor forward(Tensor x) => Inner.call(gru.call(x).Item1);
        }
        class Trainer
        {
            private optim.Optimizer optimizer;
            private readonly (Net, int) pair;
            public Trainer(Net model) => (optimizer, pair) = (optim.Adam(model.parameters().Concat(Other().parameters())), (model, 1));
            static nn.Module<Tensor, Tensor> Other() => Other() is { } o ? o.to(torch.CPU) : new Net();
            public void Fit(Net net, Tensor x)
            {
                var again = optimizer; optimizer = again;
                foreach (var p in net.parameters()) { p.requires_grad = true; System.Console.WriteLine(p.grad?.norm()); }
                void Update() { net.call(x).sum().backward(); optimizer?.step(); }
                for (var i = 0; i < 9; i++) { Update(); if (i > 3) optimizer.step(); }
            }
        }
        """;

    [Fact]
    public async Task A_class_cut_off_anywhere_or_without_any_token() =>
        Assert.True(await BrokenCode.VerifySurvivesAsync<TrainingAnalyzer>(BrokenCode.Mutations(Source)) > 400);

    [Fact]
    public async Task A_program_cut_off_anywhere_or_without_any_token() =>
        Assert.True(await BrokenCode.VerifySurvivesAsync<TrainingAnalyzer>(
            BrokenCode.Mutations("using TorchSharp; using static TorchSharp.torch; var m = nn.LSTM(8, 8); var o = optim.SGD(m.parameters(), 0.1); while (true) { m.call(rand(1, 2, 8)).Item1.backward(); o.step(); }"),
            OutputKind.ConsoleApplication) > 50);
}
