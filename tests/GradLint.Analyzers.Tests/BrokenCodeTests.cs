using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Tests;

public class BrokenCodeTests
{
    private const string Class = """
        using System.Collections.Generic;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1, fc2 = Linear(64, 64);
            private readonly Sequential rest;
            public Module<Tensor, Tensor> Head { get; }
            public Net(int depth = 3) : base("Net")
            {
                fc1 = Linear(64, 64);
                var list = new List<(string, Module<Tensor, Tensor>)>();
                for (var i = 0; i < depth; i++) { list.Add(($"fc{i}", Linear(64, 64))); list.Add(($"s{i}", Sigmoid())); }
                rest = Sequential(list);
                Head = depth > 2 ? Linear(64, 10) : Identity();
                foreach (var (name, p) in named_parameters()) if (name.EndsWith("weight")) init.xavier_uniform_(p, gain: 1.0 / 3);
                init.zeros_(fc1.bias);
                RegisterComponents();
            }
            public override Tensor forward(Tensor x)
            {
                using var _ = NewDisposeScope();
                x = torch.sigmoid(fc1.call(x)) + 0.5 * x;
                switch (x.shape[0]) { case 1: x = x.tanh(); break; default: x = fc2?.call(x) ?? x; break; }
                return Head.call(rest.call(x.view(-1, 64))).MoveToOuterDisposeScope();
            }
        }
        """;

    private const string Attention = """
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear qkv = Linear(64, 192), o = Linear(64, 64);
            public Net() : base("Net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                var parts = qkv.call(x).view(-1, 10, 3, 8, 8).permute(2, 0, 3, 1, 4);
                var (q, k, v) = (parts[0], parts[1], parts[2]);
                var dots = torch.matmul(q, k.transpose(-2, -1)) / 8;
                return o.call(torch.matmul(dots.softmax(-1), v).permute(0, 2, 1, 3).reshape(-1, 10, 64));
            }
        }
        """;

    private const string Program = """
        using TorchSharp;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;
        var model = Sequential(("fc1", Linear(64, 64)), ("s1", Sigmoid()), ("fc2", Linear(64, 64)), ("s2", Sigmoid()), ("head", Linear(64, 10)));
        foreach (var module in model.modules())
            if (module is TorchSharp.Modules.Linear linear) init.kaiming_normal_(linear.weight);
        Module<Tensor, Tensor> Make(int n) => n == 0 ? Sequential(Linear(1, 1)) : Make(n - 1);
        model.call(Make(3).call(torch.rand(3, 64))).backward();
        """;

    [Fact]
    public async Task A_class_cut_off_anywhere_or_without_any_token() =>
        Assert.True(await BrokenCode.VerifySurvivesAsync<NetworkAnalyzer>(BrokenCode.Mutations(Class)) > 500);

    [Fact]
    public async Task Attention_cut_off_anywhere_or_without_any_token() =>
        Assert.True(await BrokenCode.VerifySurvivesAsync<NetworkAnalyzer>(BrokenCode.Mutations(Attention)) > 200);

    [Fact]
    public async Task A_program_cut_off_anywhere_or_without_any_token() =>
        Assert.True(await BrokenCode.VerifySurvivesAsync<NetworkAnalyzer>(BrokenCode.Mutations(Program), OutputKind.ConsoleApplication) > 200);
}
