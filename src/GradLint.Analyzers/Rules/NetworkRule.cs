using Microsoft.CodeAnalysis;

namespace GradLint.Analyzers.Rules;

/// <summary>A rule about a network. It asks the network and its prediction, never the syntax, and keeps no state.</summary>
internal abstract class NetworkRule
{
    public abstract DiagnosticDescriptor Descriptor { get; }

    public abstract void Check(NetworkContext context);
}
