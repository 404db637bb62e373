using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Standin.Tests.Native;

/// <summary>A call that does not fit an operator's schema is an error with PyTorch's own words, never a silent shift of arguments.</summary>
public class NativeErrorTests
{
    [StandinTorchFact]
    public void An_unknown_operator_is_named()
    {
        Fails("Could not find schema for aten::no_such_operator", () => Call("aten::no_such_operator", ones(1)));
        Fails("Could not find schema for aten::add.NoSuchOverload", () => Call("aten::add.NoSuchOverload", ones(1), ones(1), 1L));
    }

    [StandinTorchFact]
    public void Too_many_arguments_are_refused()
    {
        Fails("aten::relu", () => Call("aten::relu", ones(1), 1L));
        Fails("aten::add.Tensor", () => Call("aten::add.Tensor", ones(1), ones(1), 1L, ones(1)));
    }

    [StandinTorchFact]
    public void A_missing_argument_is_refused_unless_it_has_a_default()
    {
        Fails("aten::add.Tensor", () => Call("aten::add.Tensor", ones(1)));
        Fails("aten::relu", () => Call("aten::relu"));

        Assert.Equal(2f, ((Tensor)Call("aten::add.Tensor", ones(1), ones(1))!).item<float>());
    }

    [StandinTorchFact]
    public void An_argument_of_another_type_is_refused()
    {
        Fails("aten::relu", () => Call("aten::relu", "text"));
        Fails("aten::relu", () => Call("aten::relu", 1L));
        Fails("aten::sum.dim_IntList", () => Call("aten::sum.dim_IntList", ones(2, 2), 0.5));
        Fails("aten::softmax.int", () => Call("aten::softmax.int", ones(2), 0.5));
        Fails("aten::relu", () => Call("aten::relu", (object?)null));
    }

    [StandinTorchFact]
    public void Arguments_in_another_order_are_refused()
    {
        Fails("aten::leaky_relu", () => Call("aten::leaky_relu", 0.1, ones(1)));
        Fails("aten::layer_norm", () => Call("aten::layer_norm", ones(2, 3), ones(3), new long[] { 3 }));
    }

    [StandinTorchFact]
    public void A_result_of_another_type_is_refused()
    {
        Assert.ThrowsAny<Exception>(() => Call("aten::is_nonzero", ones(1)));
        Assert.ThrowsAny<Exception>(() => Call("aten::size.int", ones(1), 0L));
    }

    [TorchFact]
    public void Shapes_that_do_not_fit_are_told_in_PyTorchs_words()
    {
        Fails("mat1 and mat2 shapes cannot be multiplied (4x3 and 2x5)", () => Linear(2, 5).call(ones(4, 3)));
        Fails("must match the size of tensor b", () => ones(2) + ones(3));
        Fails("to have 3 channels, but got 1 channels instead", () => functional.conv2d(ones(1, 1, 8, 8), ones(4, 3, 3, 3)));
        Fails("shape '[5]' is invalid for input of size 4", () => ones(4).reshape(5));
        Fails("Sizes of tensors must match except in dimension 0", () => cat([ones(1, 2), ones(1, 3)], 0));
    }

    [TorchFact]
    public void Types_that_do_not_fit_are_told_in_PyTorchs_words()
    {
        Fails("expected scalar type Long but found Float", () => functional.nll_loss(ones(2, 3), ones(2)));
        Fails("Target 7 is out of bounds", () => functional.cross_entropy(ones(1, 3), tensor(new long[] { 7 })));
        Fails("index out of range", () => Embedding(3, 2).call(tensor(new long[] { 5 })));
        Fails("a leaf Variable that requires grad is being used in an in-place operation", () => tensor(1f, requires_grad: true).add_(1));
    }

    [TorchFact]
    public void An_error_leaves_nothing_behind()
    {
        Assert.ThrowsAny<Exception>(() => ones(2) + ones(3));

        Assert.Equal(2f, (ones(1) + 1).item<float>());
    }

    private static object? Call(string name, params object?[] arguments) =>
        ((Func<string, object?[], object?>)AppContext.GetData("TorchSharp.Standin.CallTensor")!)(name, arguments);

    private static void Fails(string words, Func<object?> action) =>
        Assert.Contains(words, Assert.ThrowsAny<ExternalException>(action).Message);
}
