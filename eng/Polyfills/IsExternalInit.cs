namespace System.Runtime.CompilerServices;

/// <summary>What the compiler needs for records and init-only setters on netstandard2.0.</summary>
internal static class IsExternalInit;
