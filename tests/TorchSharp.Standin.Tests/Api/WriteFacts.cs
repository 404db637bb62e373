namespace TorchSharp.Standin.Tests.Api;

/// <summary>
/// Writes what several TorchSharp assemblies have in common:
/// <c>dotnet run --project tests/TorchSharp.Standin.Tests -- OLDER/TorchSharp.dll NEWER/TorchSharp.dll > torchsharp-api.txt</c>
/// </summary>
internal static class WriteFacts
{
    // Parts of TorchSharp that neither GradLint nor a network needs.
    private static readonly string[] s_leftOut =
    [
        "Tensorboard.", "torchvision", "torchaudio", "Data.", "Utils.tensorboard", "torch.distributions", "torch.jit", "torch.fft", "torch.hub",
        "torch.special", "torch.Storage", "torch.utils",
    ];

    public static int Run(string[] assemblies)
    {
        var surfaces = assemblies.Select(Surface.Of).ToList();
        Console.WriteLine("# TorchSharp's public and protected members, as far as networks need them: what these versions have in common.");
        foreach (var path in assemblies)
            Console.WriteLine($"# {Surface.Version(path)}");
        Console.WriteLine("# Written from the assemblies' metadata by Api/WriteFacts.cs; Api/Surface.cs says what a line means.");
        foreach (var (type, facts) in surfaces[0])
        {
            if (s_leftOut.Any(part => type.StartsWith(part, StringComparison.Ordinal)) || !surfaces.All(s => s.ContainsKey(type)))
                continue;
            Console.WriteLine(type);
            foreach (var fact in facts.Where(f => surfaces.All(s => s[type].Contains(f))))
                Console.WriteLine($" {fact}");
        }
        return 0;
    }
}
