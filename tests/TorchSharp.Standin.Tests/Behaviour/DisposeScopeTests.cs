using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Standin.Tests.Behaviour;

public class DisposeScopeTests
{
    [TorchFact]
    public void A_scope_disposes_the_tensors_that_were_made_in_it()
    {
        var before = ones(1);
        Tensor inside;
        using (var scope = NewDisposeScope())
        {
            inside = before + 1;
            Assert.Equal(1, scope.DisposablesCount);
        }

        Assert.True(inside.IsInvalid);
        Assert.False(before.IsInvalid);
    }

    [TorchFact]
    public void A_tensor_that_is_disposed_leaves_its_scope()
    {
        using var scope = NewDisposeScope();
        var a = ones(1);
        var b = ones(1);
        Assert.Equal(2, scope.DisposablesCount);

        a.Dispose();

        Assert.Equal(1, scope.DisposablesCount);
        Assert.False(scope.Contains(a));
        Assert.True(scope.Contains(b));
    }

    [TorchFact]
    public void A_tensor_that_is_moved_to_where_it_is_falls_out_of_its_scope()
    {
        // TorchSharp's MoveToOther removes it, and then finds that it need not be added.
        using var scope = NewDisposeScope();
        var a = ones(1);
        var b = ones(1);

        a.MoveToOtherDisposeScope(b);

        Assert.False(scope.Contains(a));
        Assert.True(scope.Contains(b));
        a.Dispose();
    }

    [TorchFact]
    public void A_detached_tensor_outlives_every_scope()
    {
        Tensor kept;
        using (NewDisposeScope())
        using (NewDisposeScope())
            kept = ones(1).DetachFromDisposeScope();

        Assert.Equal(1f, kept.item<float>());
    }

    [TorchFact]
    public void A_tensor_moved_outward_outlives_one_scope()
    {
        Tensor moved;
        using (var outer = NewDisposeScope())
        {
            using (NewDisposeScope())
            {
                moved = ones(1).MoveToOuterDisposeScope();
                Assert.Equal(1, outer.DisposablesCount);
            }

            Assert.False(moved.IsInvalid);
        }

        Assert.True(moved.IsInvalid);
    }

    [TorchFact]
    public void Moved_outward_from_the_outermost_scope_a_tensor_is_free()
    {
        Tensor moved;
        using (NewDisposeScope())
            moved = ones(1).MoveToOuterDisposeScope();

        Assert.False(moved.IsInvalid);
    }

    [TorchFact]
    public void A_tensor_goes_into_the_innermost_scope()
    {
        using var outer = NewDisposeScope();
        using (var inner = NewDisposeScope())
        {
            ones(1);
            Assert.Equal((0, 1), (outer.DisposablesCount, inner.DisposablesCount));
        }

        ones(1);
        Assert.Equal(1, outer.DisposablesCount);
    }

    [TorchFact]
    public void A_scope_belongs_to_its_thread()
    {
        Tensor? elsewhere = null;
        using (var scope = NewDisposeScope())
        {
            var thread = new Thread(() => elsewhere = ones(1));
            thread.Start();
            thread.Join();
            Assert.Equal(0, scope.DisposablesCount);
        }

        Assert.Equal(1f, elsewhere!.item<float>());
    }

    [TorchFact]
    public void A_module_built_in_a_scope_survives_it()
    {
        nn.Module<Tensor, Tensor> module;
        Modules.LSTM lstm;
        using (NewDisposeScope())
        {
            module = Sequential(Linear(2, 3), BatchNorm1d(3), LayerNorm(3), PReLU(1), Linear(3, 1));
            lstm = LSTM(2, 3);
        }

        Assert.All(module.parameters(), p => Assert.False(p.IsInvalid));
        Assert.All(module.buffers(), b => Assert.False(b.IsInvalid));
        Assert.All(lstm.parameters(), p => Assert.False(p.IsInvalid));
        Assert.Equal([4, 1], module.call(ones(4, 2)).shape);
    }

    [TorchFact]
    public void A_parameter_made_in_a_scope_is_the_scopes_until_a_module_takes_it()
    {
        Modules.Parameter loose;
        Modules.Linear linear;
        using (NewDisposeScope())
        {
            loose = Parameter(ones(1));
            linear = Linear(Parameter(ones(1, 2)));
        }

        Assert.True(loose.IsInvalid);
        Assert.False(linear.weight.IsInvalid);
    }

    [TorchFact]
    public void A_training_step_in_a_scope_leaves_no_tensor_behind()
    {
        var module = Sequential(Linear(4, 8), BatchNorm1d(8), ReLU(), Linear(8, 3));
        var optimizer = optim.Adam(module.parameters());
        var (x, target) = (ones(5, 4), zeros(5, dtype: ScalarType.Int64));
        Step();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;

        for (int k = 0; k < 3; k++)
            Step();

        Assert.Equal(before, Tensor.TotalCount);

        void Step()
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(module.call(x), target);
            loss.backward();
            nn.utils.clip_grad_norm_(module.parameters(), 1);
            optimizer.step();
        }
    }

    [TorchFact]
    public void A_disposed_tensor_says_so()
    {
        var x = ones(1);
        x.Dispose();
        x.Dispose();

        Assert.True(x.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => x + 1);
    }
}
