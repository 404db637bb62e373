using System.Reflection;

namespace TorchSharp.Standin.Tests.Api;

/// <summary>Code that compiles and binds here does so with TorchSharp as well: Api/torchsharp-api.txt lists what 0.105.2 and 0.107.0 have in common.</summary>
public class ConformanceTests
{
    private static readonly string s_torchSharp = Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll");
    private static readonly Dictionary<string, HashSet<string>> s_facts = ReadFacts();

    [StandinFact]
    public void Every_public_member_is_one_of_TorchSharps()
    {
        var foreign = Surface.Of(s_torchSharp)
            .SelectMany(type => s_facts.TryGetValue(type.Key, out var facts)
                ? type.Value.Where(fact => !facts.Contains(fact)).Select(fact => $"{type.Key}: {fact}")
                : [$"{type.Key}: no such type"])
            .ToList();

        Assert.True(foreign.Count == 0, $"{foreign.Count} facts are not TorchSharp's:\n{string.Join('\n', foreign)}");
    }

    [Theory]
    [InlineData("GradLint.Probe.dll")]
    [InlineData("TorchSharp.Standin.Tests.dll")]
    public void Every_member_that_an_assembly_uses_is_one_of_TorchSharps(string assembly)
    {
        var references = Surface.References(Path.Combine(AppContext.BaseDirectory, assembly), "TorchSharp").ToList();
        var signatures = s_facts.ToDictionary(type => type.Key, type => type.Value.Select(fact => fact.Split(Surface.Separator)[0]).ToHashSet());

        var foreign = references
            .Where(r => !signatures.TryGetValue(r.Type, out var known) || (r.Member is not null && !known.Contains(r.Member)))
            .Select(r => $"{r.Type}: {r.Member ?? "no such type"}")
            .ToList();

        Assert.NotEmpty(references);
        Assert.True(foreign.Count == 0, $"{foreign.Count} references are not to TorchSharp's members:\n{string.Join('\n', foreign)}");
    }

    [StandinFact]
    public void The_assembly_is_named_and_signed_as_TorchSharp()
    {
        var name = AssemblyName.GetAssemblyName(s_torchSharp);

        Assert.Equal("TorchSharp", name.Name);
        Assert.Equal(new Version(0, 105, 2, 0), name.Version);
        Assert.Equal(Convert.FromHexString("67b0e5e1da516a1c"), name.GetPublicKeyToken());
    }

    [Fact]
    public void The_list_knows_what_the_versions_disagree_on()
    {
        Assert.Contains("get_grad(): torch.Tensor | public ()", s_facts["torch.Tensor"]);
        Assert.Contains("extends torch.nn.Module`2<torch.Tensor, torch.Tensor>", s_facts["Modules.Linear"]);
        Assert.DoesNotContain(s_facts["torch.Tensor"], fact => fact.StartsWith("register_hook", StringComparison.Ordinal));
    }

    private static Dictionary<string, HashSet<string>> ReadFacts()
    {
        var facts = new Dictionary<string, HashSet<string>>();
        HashSet<string>? current = null;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Api", "torchsharp-api.txt")))
        {
            if (line.StartsWith('#'))
                continue;
            if (line.StartsWith(' '))
                current!.Add(line[1..]);
            else
                facts.Add(line, current = []);
        }
        return facts;
    }
}
