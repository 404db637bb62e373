using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.init;

namespace TorchSharp.Standin.Tests.Behaviour;

/// <summary>
/// The initializers, with TorchSharp's errors in them. A sample's deviation is itself random: over n values its own relative
/// deviation is sqrt((κ − 1) / 4n), κ the kurtosis, 9/5 for the uniform and 3 for the normal distribution. Six of them are allowed.
/// </summary>
public class InitTests
{
    private const int Rows = 160, Columns = 250;
    private const double UniformTolerance = 6 * 0.00224, NormalTolerance = 6 * 0.00354;

    [TorchTheory]
    [InlineData(NonlinearityType.Linear, 0, 1)]
    [InlineData(NonlinearityType.Conv2D, 0, 1)]
    [InlineData(NonlinearityType.ConvTranspose3D, 0, 1)]
    [InlineData(NonlinearityType.Sigmoid, 0, 1)]
    [InlineData(NonlinearityType.Tanh, 0, 5.0 / 3)]
    [InlineData(NonlinearityType.ReLU, 0, 1.4142135623730951)]
    [InlineData(NonlinearityType.LeakyReLU, 0.2, 1.3867504905630728)]
    public void The_gain_is_PyTorchs(NonlinearityType nonlinearity, double param, double gain)
    {
        Assert.Equal(gain, calculate_gain(nonlinearity, param), 12);
    }

    [TorchFact]
    public void The_slope_of_a_leaky_relu_is_zero_unless_it_is_given()
    {
        // PyTorch's default is 0.01.
        Assert.Equal(Math.Sqrt(2), calculate_gain(NonlinearityType.LeakyReLU), 12);
    }

    [TorchFact]
    public void Fan_in_and_fan_out_count_the_receptive_field()
    {
        Assert.Equal((12L, 20L), CalculateFanInAndFanOut(empty(20, 12)));
        Assert.Equal((27L, 72L), CalculateFanInAndFanOut(empty(8, 3, 3, 3)));
        Assert.Throws<ArgumentException>(() => CalculateFanInAndFanOut(empty(5)));
    }

    [TorchFact]
    public void Kaiming_is_for_relu_by_default()
    {
        AssertUniform(Math.Sqrt(6.0 / Columns), w => kaiming_uniform_(w));
        AssertNormal(Math.Sqrt(2.0 / Columns), w => kaiming_normal_(w));
    }

    [TorchFact]
    public void Kaiming_knows_slope_mode_and_nonlinearity()
    {
        AssertUniform(1 / Math.Sqrt(Columns), w => kaiming_uniform_(w, a: Math.Sqrt(5)));
        AssertUniform(Math.Sqrt(6.0 / Rows), w => kaiming_uniform_(w, mode: FanInOut.FanOut));
        AssertNormal(5.0 / 3 / Math.Sqrt(Columns), w => kaiming_normal_(w, nonlinearity: NonlinearityType.Tanh));
    }

    [TorchFact]
    public void Xavier_uniform_has_the_bound_of_Glorot_and_Bengio()
    {
        AssertUniform(Math.Sqrt(6.0 / (Rows + Columns)), w => xavier_uniform_(w));
        AssertUniform(2 * Math.Sqrt(6.0 / (Rows + Columns)), w => xavier_uniform_(w, gain: 2));
    }

    [TorchFact]
    public void Xavier_normal_is_uniform()
    {
        double std = Math.Sqrt(2.0 / (Rows + Columns));
        // Of a normal distribution one value in twelve lies outside ±√3 deviations.
        AssertUniform(Math.Sqrt(3) * std, w => xavier_normal_(w));
    }

    [TorchFact]
    public void A_truncated_normal_with_mean_zero_is_a_constant()
    {
        manual_seed(0);
        var weight = Linear(6, 4).weight;

        trunc_normal_(weight, 0, 0.02);

        Assert.All(weight.data<float>().ToArray(), w => Assert.Equal(0.02f, w));
    }

    [TorchFact]
    public void Normal_and_uniform_are_what_they_say()
    {
        AssertNormal(1, w => normal_(w));
        AssertNormal(0.3, w => normal_(w, 0, 0.3));
        AssertUniform(0.25, w => uniform_(w, -0.25, 0.25));

        var unit = uniform_(empty(Rows, Columns));
        Assert.InRange(unit.min().item<float>(), 0, 0.001);
        Assert.InRange(unit.max().item<float>(), 0.999, 1);
    }

    [TorchFact]
    public void An_initializer_works_in_place_without_a_graph()
    {
        var weight = Linear(6, 4).weight;

        var result = zeros_(weight);

        Assert.Equal(new float[24], weight.data<float>().ToArray());
        Assert.True(weight.requires_grad && weight.is_leaf);
        Assert.Equal([4, 6], result.shape);
    }

    [TorchTheory]
    [InlineData(4, 6, 1)]
    [InlineData(6, 4, 1)]
    [InlineData(5, 5, 1.5)]
    public void Orthogonal_rows_or_columns_are_orthonormal_times_the_gain(int rows, int columns, double gain)
    {
        manual_seed(0);
        var q = orthogonal_(empty(rows, columns), gain);

        var product = rows <= columns ? q.mm(q.t()) : q.t().mm(q);

        Assert.True(product.allclose(eye(Math.Min(rows, columns)) * gain * gain, atol: 1e-5));
    }

    [TorchFact]
    public void The_deterministic_ones_are_deterministic()
    {
        Assert.Equal([1f, 0, 0, 0, 1, 0], eye_(empty(2, 3)).data<float>().ToArray());
        Assert.Equal([0f, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], dirac_(empty(2, 2, 3)).data<float>().ToArray());
        Assert.Equal([2.5f, 2.5f], constant_(empty(2), 2.5).data<float>().ToArray());
        Assert.Equal([1f, 1f], ones_(empty(2)).data<float>().ToArray());
        Assert.Equal([0f, 0f], zeros_(empty(2)).data<float>().ToArray());
    }

    [TorchFact]
    public void A_sparse_weight_has_its_zeros_in_every_column()
    {
        manual_seed(0);
        var weight = sparse_(empty(50, 40), 0.3, 0.1);

        Assert.All(weight.eq(0).sum(0L).data<long>().ToArray(), zeros => Assert.Equal(15, zeros));
    }

    [TorchTheory]
    [InlineData("Linear", 1.0 / 250)]
    [InlineData("Conv1d", 1.0 / (30 * 5))]
    [InlineData("Conv2d", 1.0 / (20 / 2 * 3 * 3))]
    [InlineData("ConvTranspose2d", 1.0 / (40 * 3 * 3))]
    [InlineData("Bilinear", 1.0 / 50)]
    [InlineData("RNN", 1.0 / 64)]
    [InlineData("LSTM", 1.0 / 64)]
    [InlineData("GRU", 1.0 / 64)]
    [InlineData("LSTMCell", 1.0 / 64)]
    public void A_new_layer_is_uniform_within_its_bound(string layer, double squaredBound)
    {
        manual_seed(0);
        nn.Module module = layer switch
        {
            "Linear" => Linear(250, 160),
            "Conv1d" => Conv1d(30, 40, 5),
            "Conv2d" => Conv2d(20, 40, 3, groups: 2),
            "ConvTranspose2d" => ConvTranspose2d(20, 40, 3),
            "Bilinear" => Bilinear(50, 10, 20),
            "RNN" => RNN(50, 64),
            "LSTM" => LSTM(50, 64),
            "GRU" => GRU(50, 64),
            _ => LSTMCell(50, 64),
        };
        double bound = Math.Sqrt(squaredBound);

        foreach (var (name, parameter) in module.named_parameters())
        {
            Assert.True(parameter.abs().max().item<float>() <= bound * 1.000001, $"{name} exceeds {bound}");
            double tolerance = 6 * Math.Sqrt(0.8 / (4 * parameter.numel()));
            Assert.InRange(parameter.detach().pow(2).mean().sqrt().item<float>() / (bound / Math.Sqrt(3)), 1 - tolerance, 1 + tolerance);
        }
    }

    [TorchFact]
    public void An_embedding_is_standard_normal()
    {
        manual_seed(0);
        var weight = Embedding(Rows, Columns).weight!.detach();

        Assert.InRange(weight.mean().item<float>(), -6 / Math.Sqrt(Rows * Columns), 6 / Math.Sqrt(Rows * Columns));
        Assert.InRange(weight.std().item<float>(), 1 - NormalTolerance, 1 + NormalTolerance);
        Assert.True(weight.abs().max().item<float>() > 3.5);
    }

    [TorchFact]
    public void Attention_is_xavier_uniform_as_one_matrix_and_has_no_bias_at_first()
    {
        manual_seed(0);
        var parameters = MultiheadAttention(64, 4).named_parameters().ToDictionary(p => p.name, p => p.parameter.detach());
        // [3 E, E]: fan_in E, fan_out 3 E.
        double bound = Math.Sqrt(6.0 / (64 + (3 * 64)));

        Assert.Equal(["in_proj_bias", "in_proj_weight", "out_proj.bias", "out_proj.weight"], parameters.Keys.Order(StringComparer.Ordinal));
        Assert.InRange(parameters["in_proj_weight"].abs().max().item<float>(), bound * 0.99, bound * 1.000001);
        Assert.InRange(parameters["out_proj.weight"].abs().max().item<float>(), 0.99 / 8, 1.000001 / 8);
        Assert.Equal(0f, parameters["in_proj_bias"].abs().max().item<float>());
        Assert.Equal(0f, parameters["out_proj.bias"].abs().max().item<float>());
    }

    [TorchFact]
    public void A_parametric_relu_starts_at_a_quarter()
    {
        Assert.Equal([0.25f, 0.25f], PReLU(2).weight!.data<float>().ToArray());
    }

    [TorchFact]
    public void Group_norm_has_no_initialization_and_can_be_given_one()
    {
        Assert.NotNull(typeof(LayerNorm).GetMethod("reset_parameters"));
        Assert.NotNull(typeof(BatchNorm2d).GetMethod("reset_parameters"));
        Assert.Null(typeof(GroupNorm).GetMethod("reset_parameters"));

        var norm = GroupNorm(2, 4);
        ones_(norm.weight!);
        zeros_(norm.bias!);

        var y = norm.call(arange(24, dtype: ScalarType.Float32).reshape(1, 4, 6)).reshape(2, 12);
        Assert.True(y.mean([1]).allclose(zeros(2), atol: 1e-6));
        Assert.True(y.pow(2).mean([1]).allclose(ones(2), rtol: 1e-4));
    }

    private static void AssertUniform(double bound, Func<Tensor, Tensor> initialize)
    {
        manual_seed(0);
        var weight = initialize(empty(Rows, Columns));

        // The largest of 40000 lies within 1/1000 of the bound but for once in e^40.
        Assert.InRange(weight.abs().max().item<float>(), bound * 0.999, bound * 1.000001);
        Assert.InRange(weight.std().item<float>() / (bound / Math.Sqrt(3)), 1 - UniformTolerance, 1 + UniformTolerance);
    }

    private static void AssertNormal(double std, Func<Tensor, Tensor> initialize)
    {
        manual_seed(0);
        var weight = initialize(empty(Rows, Columns));

        // No more than ±√3 deviations if it were uniform.
        Assert.True(weight.abs().max().item<float>() > 3.5 * std);
        Assert.InRange(weight.std().item<float>() / std, 1 - NormalTolerance, 1 + NormalTolerance);
    }
}
