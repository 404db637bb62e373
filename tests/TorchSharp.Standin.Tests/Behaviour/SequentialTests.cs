using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Standin.Tests.Behaviour;

public class SequentialTests
{
    [TorchFact]
    public void Forward_disposes_what_it_hands_from_layer_to_layer()
    {
        var (sequential, outputs) = Watched();

        var result = sequential.forward(ones(1, 2));

        Assert.Equal([true, true, false], outputs.Select(t => t.IsInvalid));
        Assert.Same(result, outputs[^1]);
        var e = Assert.Throws<InvalidOperationException>(() => outputs[0].shape);
        Assert.Contains("empty handle", e.Message);
    }

    [TorchFact]
    public void The_gradient_does_not_need_what_forward_disposed()
    {
        var sequential = Sequential(Linear(2, 3), Sigmoid(), Linear(3, 1));

        sequential.forward(ones(4, 2)).sum().backward();

        Assert.All(sequential.parameters(), p => Assert.True(p.grad!.norm().item<float>() > 0));
    }

    [TorchFact]
    public void Forward_fires_the_hooks_of_its_layers_and_not_its_own()
    {
        var (sequential, outputs) = Watched();
        int own = 0;
        sequential.register_forward_hook((_, _, _) => { own++; return null!; });

        sequential.forward(ones(1, 2));
        Assert.Equal((3, 0), (outputs.Count, own));

        sequential.call(ones(1, 2));
        Assert.Equal((6, 1), (outputs.Count, own));
    }

    [TorchFact]
    public void An_alias_taken_in_a_hook_survives_and_has_the_gradient()
    {
        var sequential = Sequential(Linear(2, 3), Sigmoid(), Linear(3, 1));
        var kept = new List<Tensor>();
        foreach (var layer in sequential.children().Cast<Module<Tensor, Tensor>>())
        {
            layer.register_forward_hook((_, _, output) =>
            {
                output.retain_grad();
                kept.Add(output.alias());
                return null!;
            });
        }

        sequential.forward(ones(4, 2)).sum().backward();

        Assert.Equal([[4, 3], [4, 3], [4, 1]], kept.Select(t => t.grad!.shape));
        Assert.True(kept[2].grad!.allclose(ones(4, 1)));
    }

    [TorchTheory]
    [InlineData("Identity")]
    [InlineData("Dropout")]
    [InlineData("Flatten")]
    public void A_layer_that_passes_its_input_through_does_not_cost_the_caller_the_input(string first)
    {
        Module<Tensor, Tensor> layer = first switch
        {
            "Identity" => Identity(),
            "Dropout" => Dropout(0),
            _ => Flatten(),
        };
        var sequential = Sequential(layer, Linear(2, 3), ReLU());
        var x = ones(1, 2);

        sequential.forward(x);

        Assert.False(x.IsInvalid);
    }

    [TorchFact]
    public void An_activation_in_place_does_not_break_the_chain()
    {
        var sequential = Sequential(Linear(2, 3), ReLU(inplace: true), Linear(3, 3), ReLU(inplace: true), Linear(3, 1));

        sequential.forward(ones(4, 2)).sum().backward();

        Assert.All(sequential.parameters(), p => Assert.NotNull(p.grad));
    }

    [TorchFact]
    public void Without_layers_the_input_comes_back_under_another_handle()
    {
        var x = ones(1, 2);
        var y = Sequential().forward(x);

        Assert.NotSame(x, y);
        x.fill_(5);
        Assert.Equal(5f, y[0, 0].item<float>());
    }

    [TorchFact]
    public void Layers_are_named_by_position_or_as_given()
    {
        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], Names(Sequential(Linear(2, 2), ReLU(), Linear(2, 2))));
        Assert.Equal(["first.weight", "first.bias", "last.weight", "last.bias"], Names(Sequential(("first", Linear(2, 2)), ("act", ReLU()), ("last", Linear(2, 2)))));
    }

    private static IEnumerable<string> Names(nn.Module module) => module.named_parameters().Select(p => p.name);

    private static (Sequential Sequential, List<Tensor> Outputs) Watched()
    {
        var sequential = Sequential(Linear(2, 3), Sigmoid(), Linear(3, 1));
        var outputs = new List<Tensor>();
        foreach (var layer in sequential.children().Cast<Module<Tensor, Tensor>>())
            layer.register_forward_hook((_, _, output) => { outputs.Add(output); return null!; });
        return (sequential, outputs);
    }
}
