using static TorchSharp.torch;
using static TorchSharp.torch.autograd;
using static TorchSharp.torch.nn;

namespace TorchSharp.Standin.Tests.Behaviour;

public class AutogradFunctionTests
{
    [TorchFact]
    public void A_function_has_the_backward_that_it_is_given()
    {
        var x = tensor(3f, requires_grad: true);

        var y = Square.apply(x);
        y.backward();

        Assert.Equal(9f, y.item<float>());
        Assert.Equal(6f, x.grad!.item<float>());
    }

    [TorchFact]
    public void A_function_may_have_several_inputs_and_outputs()
    {
        var (a, b) = (tensor(2f, requires_grad: true), tensor(5f, requires_grad: true));

        var y = SumAndProduct.apply(a, b);
        (y[0] + (y[1] * 10)).backward();

        Assert.Equal((7f, 10f), (y[0].item<float>(), y[1].item<float>()));
        Assert.Equal((51f, 21f), (a.grad!.item<float>(), b.grad!.item<float>()));
    }

    [TorchFact]
    public void A_function_in_a_forward_hook_sees_the_gradient_that_no_tensor_hook_could()
    {
        Tap.Seen.Clear();
        var first = Linear(2, 3);
        var sequential = Sequential(first, Sigmoid(), Linear(3, 1));
        var x = ones(4, 2);
        sequential.call(x).sum().backward();
        var expected = first.weight.grad!.clone();
        sequential.zero_grad();

        first.register_forward_hook((_, _, output) => Tap.apply(output));
        sequential.call(x).sum().backward();

        Assert.Equal([4, 3], Assert.Single(Tap.Seen).shape);
        Assert.True(first.weight.grad!.allclose(expected));
        // The gradient with respect to the weight is the seen one, transposed, times the input.
        Assert.True(Tap.Seen[0].t().mm(x).allclose(expected));
    }

    [TorchFact]
    public void What_a_function_returns_in_the_memory_of_its_input_may_be_changed_in_place_and_in_shape()
    {
        var x = randn([4, 1, 2], requires_grad: true);
        var z = x * 1;

        var y = SameMemory.apply(z);
        y.squeeze_(1).mul_(3);
        y.sum().backward();

        Assert.Equal([4, 2], y.shape);
        Assert.True(z.detach().flatten().eq(y.detach().flatten()).all().item<bool>());
        Assert.True(x.grad!.eq(3).all().item<bool>());
    }

    [TorchFact]
    public void Without_gradients_a_function_only_computes()
    {
        using (no_grad())
            Assert.False(Square.apply(tensor(3f, requires_grad: true)).requires_grad);
        Assert.False(Square.apply(tensor(3f)).requires_grad);
    }

    private sealed class Square : SingleTensorFunction<Square>
    {
        public override string Name => nameof(Square);

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            ctx.save_for_backward([x]);
            return x * x;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => [ctx.get_saved_variables()[0] * 2 * grad_output];
    }

    private sealed class SumAndProduct : MultiTensorFunction<SumAndProduct>
    {
        public override string Name => nameof(SumAndProduct);

        public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
        {
            var (a, b) = ((Tensor)vars[0], (Tensor)vars[1]);
            ctx.save_for_backward([a, b]);
            return [a + b, a * b];
        }

        public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs)
        {
            var saved = ctx.get_saved_variables();
            return [grad_outputs[0] + (grad_outputs[1] * saved[1]), grad_outputs[0] + (grad_outputs[1] * saved[0])];
        }
    }

    private sealed class SameMemory : SingleTensorFunction<SameMemory>
    {
        public override string Name => nameof(SameMemory);

        public override Tensor forward(AutogradContext ctx, params object[] vars) => empty([0], ((Tensor)vars[0]).dtype).set_((Tensor)vars[0]);

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) => [grad_output];
    }

    private sealed class Tap : SingleTensorFunction<Tap>
    {
        public static readonly List<Tensor> Seen = [];

        public override string Name => nameof(Tap);

        public override Tensor forward(AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]).alias();

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            Seen.Add(grad_output.clone());
            return [grad_output.alias()];
        }
    }
}
