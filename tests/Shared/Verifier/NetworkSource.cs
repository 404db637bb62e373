namespace GradLint.Testing;

/// <summary>What the sources of tests have in common.</summary>
public static class NetworkSource
{
    /// <summary>The usings that most files with networks have.</summary>
    public const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;

        """;
}
