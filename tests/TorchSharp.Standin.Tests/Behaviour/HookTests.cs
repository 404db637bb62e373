using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Standin.Tests.Behaviour;

public class HookTests
{
    [TorchFact]
    public void Call_fires_hooks_and_forward_does_not()
    {
        var linear = Linear(2, 2);
        int fired = 0;
        linear.register_forward_hook((_, _, _) => { fired++; return null!; });
        linear.register_forward_pre_hook((_, _) => { fired++; return null!; });
        var x = ones(1, 2);

        linear.forward(x);
        Assert.Equal(0, fired);

        linear.call(x);
        Assert.Equal(2, fired);
    }

    [TorchFact]
    public void A_hook_that_returns_null_keeps_the_value()
    {
        var identity = Identity();
        identity.register_forward_pre_hook((_, _) => null!);
        identity.register_forward_hook((_, _, _) => null!);

        Assert.Equal(3f, identity.call(tensor(3f)).item<float>());
    }

    [TorchFact]
    public void A_pre_hook_replaces_the_input_and_a_hook_replaces_the_output()
    {
        var identity = Identity();
        identity.register_forward_pre_hook((_, x) => x + 1);
        identity.register_forward_hook((_, x, y) => x * 10 + y);

        // The hook sees the input that the pre-hook made: (3 + 1) * 10 + 4.
        Assert.Equal(44f, identity.call(tensor(3f)).item<float>());
    }

    [TorchFact]
    public void Hooks_without_tensors_come_first_and_last_the_others_in_the_order_of_registration()
    {
        var order = new List<string>();
        var module = new Speaking(order);
        module.register_forward_hook((_, _, _) => { order.Add("post 1"); return null!; });
        module.register_forward_hook(_ => order.Add("post without tensors"));
        module.register_forward_hook((_, _, _) => { order.Add("post 2"); return null!; });
        module.register_forward_pre_hook((_, _) => { order.Add("pre 1"); return null!; });
        module.register_forward_pre_hook((_, _) => { order.Add("pre 2"); return null!; });
        module.register_forward_pre_hook(_ => order.Add("pre without tensors"));

        module.call(ones(1));

        Assert.Equal(["pre without tensors", "pre 1", "pre 2", "forward", "post 1", "post 2", "post without tensors"], order);
    }

    [TorchFact]
    public void A_removed_hook_is_silent()
    {
        var linear = Linear(2, 2);
        int kept = 0, removed = 0;
        linear.register_forward_hook((_, _, _) => { kept++; return null!; });
        var remover = linear.register_forward_hook((_, _, _) => { removed++; return null!; });
        var preRemover = linear.register_forward_pre_hook(_ => removed++);
        linear.call(ones(1, 2));

        remover.remove();
        preRemover.remove();
        linear.call(ones(1, 2));

        Assert.Equal((2, 2), (kept, removed));
    }

    [TorchFact]
    public void A_hook_may_remove_itself()
    {
        var linear = Linear(2, 2);
        int fired = 0;
        nn.HookableModule<Func<Module<Tensor, Tensor>, Tensor, Tensor>, Func<Module<Tensor, Tensor>, Tensor, Tensor, Tensor>>.HookRemover? remover = null;
        remover = linear.register_forward_hook((_, _, _) => { fired++; remover!.remove(); return null!; });
        linear.register_forward_hook((_, _, _) => { fired += 10; return null!; });

        linear.call(ones(1, 2));
        linear.call(ones(1, 2));

        Assert.Equal(21, fired);
    }

    [TorchFact]
    public void A_hook_receives_the_module_that_it_is_on()
    {
        var linear = Linear(2, 2);
        object? seen = null, seenWithoutTensors = null;
        linear.register_forward_hook((m, _, _) => { seen = m; return null!; });
        linear.register_forward_hook(m => seenWithoutTensors = m);

        linear.call(ones(1, 2));

        Assert.Same(linear, seen);
        Assert.Same(linear, seenWithoutTensors);
    }

    [TorchFact]
    public void A_recurrent_layer_has_hooks_of_its_own_shape()
    {
        var gru = GRU(3, 4);
        long[]? shape = null;
        gru.register_forward_hook((_, _, _, result) => { shape = result.Item1.shape; return result; });

        gru.call(ones(5, 2, 3));

        Assert.Equal([5, 2, 4], shape!);
        Assert.False(typeof(Module<Tensor, Tensor>).IsAssignableFrom(typeof(GRU)));
        Assert.False(typeof(Module<Tensor, Tensor>).IsAssignableFrom(typeof(LSTM)));
    }

    [Fact]
    public void There_are_no_backward_hooks()
    {
        Assert.Empty(typeof(Tensor).GetMember("register_hook"));
        Assert.Empty(typeof(Tensor).GetMember("register_post_accumulate_grad_hook"));
        Assert.Empty(typeof(Tensor).GetMember("grad_fn"));
        Assert.Empty(typeof(Tensor).GetMember("retains_grad"));
        Assert.DoesNotContain(typeof(Linear).GetMethods(), m => m.Name.Contains("backward", StringComparison.Ordinal));
    }

    private sealed class Speaking(List<string> said) : Module<Tensor, Tensor>(nameof(Speaking))
    {
        public override Tensor forward(Tensor input)
        {
            said.Add("forward");
            return input.alias();
        }
    }
}
