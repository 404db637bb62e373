using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Standin.Tests.Behaviour;

public class GradientTests
{
    [TorchFact]
    public void There_is_no_gradient_before_backward()
    {
        Assert.Null(Linear(2, 2).weight.grad);
    }

    [TorchFact]
    public void Each_read_of_the_gradient_is_another_wrapper_of_the_same_values()
    {
        var x = tensor(new float[] { 1, 2 }, requires_grad: true);
        x.sum().backward();

        var first = x.grad!;
        var second = x.grad!;
        Assert.NotSame(first, second);

        first.fill_(7);
        Assert.Equal([7f, 7f], second.data<float>().ToArray());
        first.Dispose();
        Assert.Equal([7f, 7f], x.grad!.data<float>().ToArray());
    }

    [TorchFact]
    public void An_optimizers_zero_grad_leaves_zeros()
    {
        var linear = Linear(2, 1);
        var optimizer = optim.SGD(linear.parameters(), 0.1);
        linear.call(ones(1, 2)).sum().backward();

        optimizer.zero_grad();

        Assert.Equal([0f, 0f], linear.weight.grad!.data<float>().ToArray());
    }

    [TorchFact]
    public void A_modules_zero_grad_leaves_nothing_unless_told_to()
    {
        var linear = Linear(2, 1);

        linear.call(ones(1, 2)).sum().backward();
        linear.zero_grad(set_to_none: false);
        Assert.Equal([0f, 0f], linear.weight.grad!.data<float>().ToArray());

        linear.call(ones(1, 2)).sum().backward();
        linear.zero_grad();
        Assert.Null(linear.weight.grad);
    }

    [TorchFact]
    public void Gradients_add_up_until_they_are_cleared()
    {
        var x = tensor(1f, requires_grad: true);

        (x * 3).backward();
        (x * 4).backward();

        Assert.Equal(7f, x.grad!.item<float>());
        x.grad = null;
        Assert.Null(x.grad);
    }

    [TorchFact]
    public void Clipping_by_norm_returns_the_norm_before_as_a_double()
    {
        var (a, b) = (WithGradient(3), WithGradient(4));

        double before = nn.utils.clip_grad_norm_([a, b], 1);

        Assert.Equal(5.0, before, 5);
        Assert.Equal(0.6f, a.grad!.item<float>(), 5);
        Assert.Equal(0.8f, b.grad!.item<float>(), 5);
        Assert.Equal(1.0, nn.utils.clip_grad_norm_([a, b], 10), 5);
        Assert.Equal(0.6f, a.grad!.item<float>(), 5);
    }

    [TorchFact]
    public void Clipping_by_norm_knows_other_norms()
    {
        Assert.Equal(7.0, nn.utils.clip_grad_norm_([WithGradient(3), WithGradient(4)], 100, norm_type: 1), 5);
        Assert.Equal(4.0, nn.utils.clip_grad_norm_([WithGradient(3), WithGradient(-4)], 100, norm_type: double.PositiveInfinity), 5);
    }

    [TorchFact]
    public void Clipping_by_value_clamps_on_both_sides()
    {
        var (a, b, c) = (WithGradient(3), WithGradient(-4), WithGradient(0.5));

        nn.utils.clip_grad_value_([a, b, c], 1);

        Assert.Equal([1f, -1f, 0.5f], new[] { a, b, c }.Select(p => p.grad!.item<float>()));
    }

    [TorchFact]
    public void Retaining_the_gradient_of_a_tensor_that_requires_none_is_an_error()
    {
        var e = Assert.ThrowsAny<ExternalException>(() => ones(2).retain_grad());

        Assert.Contains("can't retain_grad on Tensor that has requires_grad=False", e.Message);
    }

    [TorchFact]
    public void An_intermediate_tensor_has_a_gradient_only_when_it_is_retained()
    {
        var x = tensor(2f, requires_grad: true);
        var forgotten = x * 3;
        var kept = forgotten * 5;
        kept.retain_grad();
        kept.retain_grad();

        kept.pow(2).backward();

        Assert.Null(forgotten.grad);
        Assert.Equal(60f, kept.grad!.item<float>());
        Assert.Equal(900f, x.grad!.item<float>());
        Assert.Equal((true, false), (x.is_leaf, kept.is_leaf));
    }

    [TorchFact]
    public void An_alias_is_the_same_tensor_and_outlives_the_original()
    {
        var x = tensor(2f, requires_grad: true);
        var y = x * 3;
        var alias = y.alias();
        y.retain_grad();
        var loss = y.pow(2);
        y.Dispose();

        loss.backward();

        Assert.Equal(12f, alias.grad!.item<float>());
        Assert.Equal(6f, alias.item<float>());
    }

    [TorchFact]
    public void Disposing_the_intermediate_tensors_does_not_free_the_graph()
    {
        var x = tensor(2f, requires_grad: true);
        Tensor loss;
        using (var y = x * 3)
        using (var z = y.exp())
            loss = z.log();

        loss.backward();

        Assert.Equal(3f, x.grad!.item<float>(), 4);
    }

    [TorchFact]
    public void The_graph_serves_one_backward_unless_it_is_retained()
    {
        var x = tensor(2f, requires_grad: true);
        var loss = x.pow(3);

        loss.backward(retain_graph: true);
        loss.backward();

        Assert.Equal(24f, x.grad!.item<float>());
        var e = Assert.ThrowsAny<ExternalException>(loss.backward);
        Assert.Contains("backward through the graph a second time", e.Message);
    }

    [TorchFact]
    public void Backward_from_a_vector_needs_a_gradient_of_its_shape()
    {
        var x = tensor(new float[] { 1, 2 }, requires_grad: true);

        var e = Assert.ThrowsAny<ExternalException>((x * x).backward);
        Assert.Contains("grad can be implicitly created only for scalar outputs", e.Message);

        (x * x).backward([tensor(new float[] { 1, 10 })]);
        Assert.Equal([2f, 40f], x.grad!.data<float>().ToArray());
    }

    [TorchFact]
    public void The_gradient_can_be_had_without_touching_the_leaves()
    {
        var x = tensor(2f, requires_grad: true);
        var unused = tensor(1f, requires_grad: true);

        var gradients = autograd.grad([x.pow(3)], [x, unused], allow_unused: true);

        Assert.Equal(12f, gradients[0].item<float>());
        Assert.True(gradients[1].IsInvalid);
        Assert.Null(x.grad);
    }

    [TorchFact]
    public void The_gradient_of_a_gradient_needs_its_graph()
    {
        var x = tensor(2f, requires_grad: true);

        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        var second = autograd.grad([first], [x])[0];

        Assert.Equal((12f, 12f), (first.item<float>(), second.item<float>()));
        Assert.False(second.requires_grad);
    }

    [TorchFact]
    public void No_grad_records_nothing_and_enable_grad_inside_it_does()
    {
        var x = tensor(2f, requires_grad: true);

        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }

        Assert.True(is_grad_enabled());
        Assert.True((x * 2).requires_grad);
        using (set_grad_enabled(false))
            Assert.False((x * 2).requires_grad);
        using (enable_grad(false))
            Assert.False((x * 2).requires_grad);
    }

    [TorchFact]
    public void Inference_mode_records_nothing()
    {
        var x = tensor(2f, requires_grad: true);

        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False((x * 2).requires_grad);
        }

        Assert.False(is_inference_mode_enabled());
        Assert.True((x * 2).requires_grad);
    }

    [TorchFact]
    public void A_detached_tensor_shares_the_values_and_not_the_graph()
    {
        var x = tensor(2f, requires_grad: true);
        var y = (x * 3).detach();

        Assert.False(y.requires_grad);
        (x * y).backward();
        Assert.Equal(6f, x.grad!.item<float>());
    }

    [TorchFact]
    public void The_gradient_of_a_sparse_embedding_is_sparse_and_has_a_norm()
    {
        var embedding = Embedding(5, 2, sparse: true);

        embedding.call(tensor(new long[] { 3, 3, 1 })).sum().backward();

        var gradient = embedding.weight!.grad!;
        Assert.True(gradient.is_sparse);
        Assert.Equal([0f, 0, 1, 1, 0, 0, 2, 2, 0, 0], gradient.to_dense().data<float>().ToArray());
        Assert.Equal(Math.Sqrt(10), gradient.norm().item<float>(), 5);
    }

    [TorchFact]
    public void A_parameter_that_is_frozen_gets_no_gradient()
    {
        var linear = Linear(2, 1);
        linear.weight.requires_grad = false;

        linear.call(ones(1, 2)).sum().backward();

        Assert.Null(linear.weight.grad);
        Assert.NotNull(linear.bias!.grad);
    }

    private static Modules.Parameter WithGradient(double gradient)
    {
        var parameter = Parameter(tensor(1f));
        (parameter * gradient).backward();
        return parameter;
    }
}
