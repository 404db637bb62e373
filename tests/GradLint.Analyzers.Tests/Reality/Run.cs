using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace GradLint.Analyzers.Tests.Reality;

/// <summary>What a network is when it runs: its parameters, and which of TorchSharp's layers ran, in order.</summary>
/// <param name="Parameters">Name and shape of each, as <c>named_parameters()</c> has them.</param>
/// <param name="Layers">Path of each of TorchSharp's own modules that ran, in the order of their first call; containers are left out, and
/// layers that the result does not depend on.</param>
internal sealed record Run(IReadOnlyDictionary<string, string> Parameters, IReadOnlyList<string> Layers)
{
    /// <summary>The collection of all tests that run networks, one after another: random numbers come from one generator.</summary>
    public const string Alone = "Networks that run";

    public static Run Of(Architecture architecture)
    {
        using var scope = NewDisposeScope();
        using var model = Make(architecture);
        var order = new List<string>();
        foreach (var (path, module) in model.named_modules())
        {
            if (module.GetType().Assembly == typeof(nn).Assembly && module is not TorchSharp.Modules.Sequential && !module.named_children().Any())
                Hook(module, () => Note(order, path));
        }

        Scalar(Call(model, architecture.Inputs())).backward();
        order.RemoveAll(path => LeadsNowhere(model, path));
        return new(model.named_parameters().ToDictionary(p => p.name, p => Shape(p.parameter)), order);
    }

    /// <summary>
    /// The same under the names that were read: where a star stands for the numbers of the rounds of a loop, the layers of all rounds are one,
    /// with the sizes in which they agree.
    /// </summary>
    public Run Under(IReadOnlyCollection<string> read)
    {
        var patterns = read.Where(name => name.Contains('*')).Select(name => (Name: name, Pattern: new Regex("^" + Regex.Escape(name).Replace("\\*", "\\d+") + "(?=$|\\.)"))).ToList();
        return new(
            Parameters.GroupBy(p => Renamed(p.Key), p => p.Value).ToDictionary(g => g.Key, g => g.Aggregate(Common)),
            [.. Layers.Select(Renamed).Distinct()]);

        string Renamed(string name) => read.Any(r => name == r || name.StartsWith(r + ".", StringComparison.Ordinal)) ? name
            : patterns.Find(p => p.Pattern.IsMatch(name)) is { Name: { } found } match ? found + name[match.Pattern.Match(name).Length..] : name;

        static string Common(string a, string b) => string.Join('x', a.Split('x').Zip(b.Split('x'), (m, n) => m == n ? m : "several"));
    }

    /// <summary>An instance, made by its own <c>Create</c>, or by the first constructor whose parameters all have defaults; a string without one is the module's name.</summary>
    public static nn.Module Make(Architecture architecture)
    {
        var type = Sources.Runnable.GetType(architecture.Class, throwOnError: true)!;
        if (type.GetMethod("Create", []) is { IsStatic: true } create)
            return (nn.Module)create.Invoke(null, [])!;
        var constructor = type.GetConstructors().OrderBy(c => c.GetParameters().Count(p => !p.HasDefaultValue)).First();
        return (nn.Module)constructor.Invoke([.. constructor.GetParameters().Select(p => p.HasDefaultValue ? p.ParameterType.IsEnum ? Enum.ToObject(p.ParameterType, p.DefaultValue!) : p.DefaultValue : "name")]);
    }

    private static object Call(nn.Module model, Tensor[] inputs)
    {
        var call = model.GetType().GetMethods().First(m => m.Name == "call" && m.GetParameters().Length == inputs.Length);
        return call.Invoke(model, [.. inputs])!;
    }

    private static Tensor Scalar(object result) => result switch
    {
        Tensor tensor => tensor.sum(),
        ITuple several => Enumerable.Range(0, several.Length).Select(i => Scalar(several[i]!)).Aggregate((a, b) => a + b),
        _ => throw new ArgumentException($"A network returned {result}.", nameof(result)),
    };

    private static bool LeadsNowhere(nn.Module model, string path)
    {
        var own = model.named_parameters().Where(p => p.name.StartsWith(path + ".", StringComparison.Ordinal)).ToList();
        return own.Count > 0 && own.All(p => p.parameter.grad is null);
    }

    private static void Hook(nn.Module module, Action action)
    {
        var register = module.GetType().GetMethods().First(m => m.Name == "register_forward_hook" && m.GetParameters()[0].ParameterType == typeof(Action<nn.Module>));
        register.Invoke(module, [(Action<nn.Module>)(_ => action())]);
    }

    private static void Note(List<string> order, string path)
    {
        if (!order.Contains(path))
            order.Add(path);
    }

    private static string Shape(Tensor parameter) => string.Join('x', parameter.shape);
}
