using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.optim.lr_scheduler;

namespace TorchSharp.Standin.Tests.Behaviour;

public class OptimizerTests
{
    [TorchTheory]
    [InlineData("step", new[] { 1, 1, 0.5, 0.5, 0.25, 0.25 })]
    [InlineData("milestones", new[] { 1, 0.5, 0.5, 0.5, 0.25, 0.25 })]
    [InlineData("exponential", new[] { 1, 0.5, 0.25, 0.125, 0.0625, 0.03125 })]
    [InlineData("lambda", new[] { 0.0, 0.25, 0.5, 0.75, 1, 1.25 })]
    public void A_schedule_sets_the_learning_rate_when_it_is_made_and_at_each_step(string name, double[] rates)
    {
        using var optimizer = optim.SGD(Linear(2, 2).parameters(), 1);
        var schedule = name switch
        {
            "step" => StepLR(optimizer, 2, 0.5),
            "milestones" => MultiStepLR(optimizer, [1, 4], 0.5),
            "exponential" => ExponentialLR(optimizer, 0.5),
            _ => LambdaLR(optimizer, epoch => 0.25 * epoch),
        };
        var seen = new List<double>();

        foreach (var _ in rates)
        {
            seen.Add(optimizer.ParamGroups.Single().LearningRate);
            Assert.Equal(seen[^1], schedule.get_last_lr().Single());
            schedule.step();
        }

        Assert.Equal(rates, seen.Select(rate => Math.Round(rate, 12)));
    }

    [TorchFact]
    public void The_learning_rate_of_a_group_can_be_set()
    {
        var weight = Parameter(tensor(1f));
        using var optimizer = optim.SGD([weight], 0.1);
        (weight * 2).backward();

        optimizer.ParamGroups.Single().LearningRate = 0.25;
        optimizer.step();

        Assert.Equal(0.5f, weight.item<float>());
    }

    [TorchFact]
    public void A_parameter_without_a_gradient_is_left_as_it_is()
    {
        var (used, unused) = (Parameter(tensor(1f)), Parameter(tensor(1f)));
        using var optimizer = optim.AdamW([used, unused], 0.1, weight_decay: 0.5);
        (used * 2).backward();

        optimizer.step();

        Assert.NotEqual(1f, used.item<float>());
        Assert.Equal(1f, unused.item<float>());
    }

    [TorchFact]
    public void A_network_learns_exclusive_or()
    {
        manual_seed(0);
        var network = Sequential(Linear(2, 8), Tanh(), Linear(8, 1), Sigmoid());
        var x = tensor(new float[] { 0, 0, 0, 1, 1, 0, 1, 1 }).reshape(4, 2);
        var target = tensor(new float[] { 0, 1, 1, 0 }).reshape(4, 1);
        var loss = BCELoss();
        using var optimizer = optim.Adam(network.parameters(), 0.05);

        for (int k = 0; k < 300; k++)
        {
            using var _ = NewDisposeScope();
            optimizer.zero_grad();
            loss.call(network.call(x), target).backward();
            optimizer.step();
        }

        Assert.Equal([0f, 1, 1, 0], network.call(x).round().data<float>().ToArray());
    }
}
