using System.Text.Json;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Standin.Tests.Oracle;

/// <summary>Outputs and gradients against python3-torch on the same weights and data: Oracle/expected.json, written by Oracle/oracle.py.</summary>
public class OracleTests
{
    /// <summary>Of the tensor's norm; float32 carries 6e-8, and sums over a few dozen terms lose one or two digits of it.</summary>
    private const double Relative = 1e-5;

    /// <summary>For what is zero but for rounding, such as the gradient of a bias that a normalization removes.</summary>
    private const double Absolute = 1e-6;

    private static readonly JsonElement s_file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Oracle", "expected.json"))).RootElement;
    private static readonly JsonElement s_expected = s_file.GetProperty("cases");
    private static readonly Dictionary<string, Func<Case>> s_cases =
        new Cases[] { new ActivationCases(), new LayerCases(), new PoolingCases(), new NormalizationCases(), new RecurrentCases(), new AttentionCases(), new LossCases(), new OptimizerCases(), new OperatorCases() }
        .SelectMany(cases => cases.All).ToDictionary(c => c.Key, c => c.Value);

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [TorchTheory]
    [MemberData(nameof(Names))]
    public void Outputs_and_gradients_agree(string name)
    {
        var expected = s_expected.GetProperty(Key(name));
        var (model, scale, shapes, forward) = s_cases[name]();
        if (model is not null)
            Cases.FillParameters(model);
        var inputs = shapes.Select((shape, k) => Cases.Fill(shape, scale, 0.1 + k).requires_grad_()).ToArray();

        var outputs = forward(inputs);
        var losses = outputs.Select((o, k) => (o * Cases.Fill(o.shape, 1, 0.3 + k)).sum()).Where(loss => loss.requires_grad).ToArray();
        if (losses.Length > 0)
            stack(losses).sum().backward();

        Assert.Equal(expected.GetProperty("outputs").GetArrayLength(), outputs.Length);
        foreach (var (e, k) in expected.GetProperty("outputs").EnumerateArray().Select((e, k) => (e, k)))
            AssertClose(e, outputs[k], $"output {k}");
        foreach (var (e, k) in expected.GetProperty("inputGradients").EnumerateArray().Select((e, k) => (e, k)))
            AssertClose(e, inputs[k].grad, $"gradient of input {k}");
        if (model is null)
            return;

        var parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        var gradients = expected.GetProperty("parameterGradients").EnumerateObject().ToList();
        Assert.Equal(gradients.Select(g => g.Name).Order(StringComparer.Ordinal), parameters.Keys.Order(StringComparer.Ordinal));
        foreach (var gradient in gradients)
            AssertClose(gradient.Value, parameters[gradient.Name].grad, $"gradient of {gradient.Name}");
        var buffers = model.named_buffers().ToDictionary(b => b.name, b => b.buffer);
        foreach (var buffer in expected.GetProperty("buffers").EnumerateObject())
            AssertClose(buffer.Value, buffers[buffer.Name], buffer.Name);
    }

    [Fact]
    public void Every_case_of_the_oracle_is_tested()
    {
        Assert.Equal(s_expected.EnumerateObject().Select(c => c.Name).Order(StringComparer.Ordinal), s_cases.Keys.Select(Key).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>The same weights from the same seed, recorded with PyTorch 1.13.1; a libtorch whose random number generator differs gives others.</summary>
    [TorchTheory]
    [InlineData("rand")]
    [InlineData("randn")]
    [InlineData("randn of twenty")]
    [InlineData("Linear")]
    [InlineData("Conv2d")]
    [InlineData("LSTM")]
    [InlineData("Embedding")]
    public void A_seed_gives_PyTorchs_numbers(string name)
    {
        manual_seed(42);
        IEnumerable<(string, Tensor)> made = name switch
        {
            "rand" => [("", rand(6))],
            "randn" => [("", randn(6))],
            "randn of twenty" => [("", randn(20))],
            "Linear" => Parameters(Linear(4, 3)),
            "Conv2d" => Parameters(Conv2d(2, 3, 3)),
            "LSTM" => Parameters(LSTM(3, 4)),
            _ => Parameters(Embedding(5, 3)),
        };
        var expected = s_file.GetProperty("seeded").GetProperty(name).EnumerateObject().ToDictionary(p => p.Name, p => Numbers(p.Value));

        var actual = made.ToDictionary(p => p.Item1, p => p.Item2.detach().data<float>().ToArray().Take(6));

        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var (parameter, values) in expected)
            Assert.All(values.Zip(actual[parameter]), pair => Assert.Equal(pair.First, pair.Second, 1e-6 * Math.Max(1, Math.Abs(pair.First))));

        static IEnumerable<(string, Tensor)> Parameters(nn.Module module) => module.named_parameters().Select(p => (p.name, (Tensor)p.parameter));
    }

    private static string Key(string name) => name.IndexOf(" (", StringComparison.Ordinal) is > 0 and var end ? name[..end] : name;

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];

    private static void AssertClose(JsonElement expected, Tensor? actual, string what)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            Assert.True(actual is null, $"{what}: there should be none");
            return;
        }

        Assert.True(actual is not null, $"{what}: there is none");
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), actual.shape);
        var e = Numbers(expected.GetProperty("values"));
        var a = actual.detach().to(ScalarType.Float64).data<double>().ToArray();
        double error = Math.Sqrt(e.Zip(a, (x, y) => (x - y) * (x - y)).Sum()), norm = Math.Sqrt(e.Sum(x => x * x));
        Assert.True(error <= (Relative * norm) + Absolute, $"{what}: off by {error:E2} of {norm:E2}; expected {string.Join(' ', e.Take(8))}, got {string.Join(' ', a.Take(8))}");
    }
}
