using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;

namespace GradLint.EndToEnd;

/// <summary>Both packages, packed once from a copy of the sources.</summary>
public sealed class PackedPackages : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public PackedPackages()
    {
        Repository.CopySourcesTo(folder.Root);
        foreach (var project in (string[])["src/GradLint.Package", "src/GradLint.Probe"])
        {
            Run("pack", project, "-c", "Release", "-o", folder.PathOf("packages"), "-v", "q").Succeeded();
        }
    }

    internal TemporaryFolder Folder => folder;

    internal CommandResult Run(params string[] arguments) => DotNet.Run(folder.Root, new Dictionary<string, string?>(), arguments);

    internal ZipArchive Open(string id) =>
        ZipFile.OpenRead(Directory.GetFiles(folder.PathOf("packages"), $"{id}.*.nupkg").Single(f => char.IsAsciiDigit(Path.GetFileName(f)[id.Length + 1])));

    public void Dispose() => folder.Dispose();
}

[CollectionDefinition(nameof(PackedPackages))]
public sealed class PackedPackagesCollection : ICollectionFixture<PackedPackages>;

[Collection(nameof(PackedPackages))]
public sealed class PackageTests(PackedPackages packed)
{
    [Fact]
    public void GradLint_holds_the_analyzers_and_what_they_need_and_nothing_else()
    {
        using var package = packed.Open("GradLint");

        Assert.Equal(
            [
                "README.md",
                "analyzers/dotnet/cs/GradLint.Analyzers.dll",
                "analyzers/dotnet/cs/GradLint.CodeFixes.dll",
                "analyzers/dotnet/cs/GradLint.SignalPropagation.dll",
                "buildTransitive/GradLint.props",
                "buildTransitive/GradLint.targets",
                "buildTransitive/presets/none.globalconfig",
                "buildTransitive/presets/strict.globalconfig",
            ],
            Contents(package));
        Assert.Empty(Dependencies(package));
    }

    [Fact]
    public void GradLint_Probe_holds_the_probe_and_depends_on_TorchSharp_and_the_interfaces_of_logging()
    {
        using var package = packed.Open("GradLint.Probe");

        Assert.Equal(
            [
                "README.md",
                "lib/net8.0/GradLint.Probe.dll",
                "lib/net8.0/GradLint.Probe.xml",
                "lib/net8.0/GradLint.SignalPropagation.dll",
                "lib/net8.0/GradLint.SignalPropagation.xml",
            ],
            Contents(package));
        Assert.Equal(["Microsoft.Extensions.Logging.Abstractions 8.0.0", "TorchSharp 0.105.2"], Dependencies(package).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("GradLint")]
    [InlineData("GradLint.Probe")]
    public void No_package_names_a_folder_of_the_machine_that_built_it(string id)
    {
        using var package = packed.Open(id);
        string[] machine = [packed.Folder.Root, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + Path.DirectorySeparatorChar];

        foreach (var entry in package.Entries)
        {
            var bytes = Read(entry);
            Assert.All(machine, folder => Assert.False(Mentions(bytes, folder), $"{entry.FullName} mentions {folder}"));
            if (entry.FullName.EndsWith(".dll", StringComparison.Ordinal))
            {
                var sources = SourcesNamedIn(bytes);
                Assert.NotEmpty(sources);
                Assert.All(sources, source => Assert.StartsWith("/_/", source));
            }
        }
    }

    private static IEnumerable<string> Contents(ZipArchive package) =>
        package.Entries.Select(e => e.FullName)
            .Where(name => !name.EndsWith(".nuspec", StringComparison.Ordinal) && name != "[Content_Types].xml" && !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Dependencies(ZipArchive package)
    {
        using var nuspec = package.Entries.Single(e => e.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(nuspec).Descendants()
            .Where(e => e.Name.LocalName == "dependency")
            .Select(e => $"{e.Attribute("id")!.Value} {e.Attribute("version")!.Value}");
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }

    private static bool Mentions(ReadOnlySpan<byte> bytes, string text) =>
        bytes.IndexOf(Encoding.UTF8.GetBytes(text)) >= 0 || bytes.IndexOf(Encoding.Unicode.GetBytes(text)) >= 0;

    /// <summary>The source files that the embedded symbols name.</summary>
    private static List<string> SourcesNamedIn(byte[] assembly)
    {
        using var reader = new PEReader(new MemoryStream(assembly));
        var embedded = reader.ReadDebugDirectory().Single(e => e.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using var symbols = reader.ReadEmbeddedPortablePdbDebugDirectoryData(embedded);
        var metadata = symbols.GetMetadataReader();
        return [.. metadata.Documents.Select(d => metadata.GetString(metadata.GetDocument(d).Name))];
    }
}
