using TorchSharp.Standin.Tests.Api;

// 'dotnet test' does not come here. Without arguments: can tensors be made, and if not, why? With assemblies: what they have in common.
if (args.Length > 0)
    return WriteFacts.Run(args);
Console.WriteLine(Libtorch.WhyMissing ?? "libtorch works");
return 0;
