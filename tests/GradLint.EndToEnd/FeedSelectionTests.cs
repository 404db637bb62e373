using System.IO.Compression;
using System.Text.Json;

namespace GradLint.EndToEnd;

/// <summary>
/// Which TorchSharp a build takes. Each test has two small projects, App and Library, under this repository's own build files,
/// with a feed, a package cache and artifacts of its own.
/// </summary>
public sealed class FeedSelectionTests : IDisposable
{
    private const string Floor = "0.105.2";
    private const string NotServed = $"GradLint: no feed serves TorchSharp {Floor}; building against tests/TorchSharp.Standin (set TorchSharpSource=package to insist)";
    private const string NotReachable = $"GradLint: no feed could be asked for TorchSharp {Floor}; building against tests/TorchSharp.Standin (set TorchSharpSource=package to insist)";

    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, string?> environment;

    public FeedSelectionTests()
    {
        environment = new()
        {
            ["NUGET_PACKAGES"] = folder.PathOf("packages"),
            // A feed that is not there now will not be there in a second.
            ["NUGET_ENHANCED_MAX_NETWORK_TRY_COUNT"] = "1",
        };
        Repository.CopyTo(folder.Root, "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "eng");
        Directory.CreateDirectory(folder.PathOf("feed"));
        UseFeed("feed");

        // The SDK's own framework: any other would have to come from the feed.
        const string Framework = "<PropertyGroup><TargetFramework>net$(BundledNETCoreAppTargetFrameworkVersion)</TargetFramework></PropertyGroup>";
        const string TorchSharp = """<PackageReference Include="TorchSharp-cpu" />""";
        folder.Write("tests/TorchSharp.Standin/TorchSharp.Standin.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">{Framework}
              <PropertyGroup><AssemblyName>TorchSharp</AssemblyName><PackageId>TorchSharp</PackageId><Version>$(TorchSharpVersion)</Version></PropertyGroup>
            </Project>
            """);
        folder.Write("Library/Library.csproj", $"""<Project Sdk="Microsoft.NET.Sdk">{Framework}<ItemGroup>{TorchSharp}</ItemGroup></Project>""");
        folder.Write("App/App.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">{Framework}<ItemGroup>{TorchSharp}<ProjectReference Include="../Library/Library.csproj" /></ItemGroup></Project>
            """);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_feed_that_serves_TorchSharp_is_taken_at_its_word()
    {
        Serve("TorchSharp", Floor);
        Serve("TorchSharp-cpu", Floor);

        AssertSaidOnce($"GradLint: building against the package TorchSharp {Floor}", Choose());

        Assert.Equal("package", ReferencedAs("TorchSharp-cpu"));
        Assert.Contains("package", RecordedAnswer());
    }

    [Fact]
    public void A_feed_without_TorchSharp_gives_the_standin_and_the_answer_is_remembered()
    {
        // Three projects are built, two of which reference TorchSharp.
        AssertSaidOnce(NotServed, DotNet.Run(folder.Root, environment, "build", "App", "-m:2", "-tl:off").Succeeded().Output);
        Assert.Equal("project", ReferencedAs("TorchSharp"));
        Assert.Contains("standin", RecordedAnswer());

        // Not asked again: the feed is gone, and the line is the same.
        Directory.Delete(folder.PathOf("feed"));
        AssertSaidOnce(NotServed, Choose());
    }

    [Fact]
    public void A_feed_that_cannot_be_reached_gives_the_standin_and_is_asked_again()
    {
        UseFeed("https://localhost:9/index.json");
        AssertSaidOnce(NotReachable, Choose());
        Assert.Equal("project", ReferencedAs("TorchSharp"));
        Assert.Null(RecordedAnswer());

        UseFeed("feed");
        AssertSaidOnce(NotServed, Choose());
        Assert.Contains("standin", RecordedAnswer());
    }

    [Fact]
    public void A_feed_without_the_libtorch_of_TorchSharp_gives_the_standin()
    {
        Serve("TorchSharp", Floor);

        AssertSaidOnce(NotServed, Choose());
        Assert.Equal("project", ReferencedAs("TorchSharp"));
    }

    [Fact]
    public void A_feed_that_has_only_another_version_gives_the_standin()
    {
        Serve("TorchSharp", "0.106.0");
        Serve("TorchSharp-cpu", "0.106.0");

        AssertSaidOnce(NotServed, Choose());
    }

    [Fact]
    public void The_standin_can_be_insisted_on()
    {
        Serve("TorchSharp", Floor);
        Serve("TorchSharp-cpu", Floor);

        AssertSaidOnce("GradLint: building against tests/TorchSharp.Standin, as TorchSharpSource says", Choose("-p:TorchSharpSource=standin"));

        Assert.Equal("project", ReferencedAs("TorchSharp"));
        Assert.Null(RecordedAnswer());
    }

    [Fact]
    public void The_package_can_be_insisted_on()
    {
        Assert.Contains("NU1101", Run("-p:TorchSharpSource=package").Failed().Output);

        Serve("TorchSharp", Floor);
        Serve("TorchSharp-cpu", Floor);
        environment["TorchSharpSource"] = "package";
        AssertSaidOnce($"GradLint: building against the package TorchSharp {Floor}, as TorchSharpSource says", Choose());
        Assert.Null(RecordedAnswer());
    }

    [Fact]
    public void Nothing_else_can_be_insisted_on() =>
        Assert.Contains("TorchSharpSource is 'nuget'; it can be 'package', 'standin', or unset.", Run("-p:TorchSharpSource=nuget").Failed().Output);

    [Fact]
    public void An_answer_that_is_neither_yes_nor_no_stops_the_build()
    {
        folder.Write($"feed/TorchSharp.{Floor}.nupkg", "no package");

        Assert.Contains($"Whether a feed serves TorchSharp {Floor} could not be found out.", Run().Failed().Output);
        Assert.Null(RecordedAnswer());
    }

    [Fact]
    public void Static_graph_restore_of_one_project_restores_the_standin_too()
    {
        AssertSaidOnce(NotServed, Choose("-p:RestoreUseStaticGraphEvaluation=true"));

        Assert.Equal("project", ReferencedAs("TorchSharp"));
        Assert.True(File.Exists(folder.PathOf("tests/TorchSharp.Standin/obj/project.assets.json")));
    }

    private void UseFeed(string source) => folder.Write("nuget.config", $"""
        <configuration><packageSources><clear /><add key="only" value="{source}" /></packageSources></configuration>
        """);

    /// <summary>Puts an empty package into the feed.</summary>
    private void Serve(string id, string version)
    {
        using var package = ZipFile.Open(folder.PathOf($"feed/{id}.{version}.nupkg"), ZipArchiveMode.Create);
        using (var nuspec = new StreamWriter(package.CreateEntry($"{id}.nuspec").Open()))
        {
            nuspec.Write($"""
                <package><metadata><id>{id}</id><version>{version}</version><authors>test</authors><description>test</description></metadata></package>
                """);
        }

        package.CreateEntry("lib/netstandard2.0/_._");
    }

    /// <summary>Restores, and says which TorchSharp a build would take.</summary>
    private string Choose(params string[] options) => Run(options).Succeeded().Output;

    private CommandResult Run(params string[] options) =>
        DotNet.Run(folder.Root, environment, ["msbuild", "App/App.csproj", "-restore", "-t:SayWhichTorchSharp", "-tl:off", "-v:m", .. options]);

    private static void AssertSaidOnce(string line, string log) =>
        Assert.Equal([line], log.Split('\n', StringSplitOptions.TrimEntries).Where(l => l.StartsWith("GradLint: ", StringComparison.Ordinal)));

    /// <returns>'package' or 'project', as restore resolved it.</returns>
    private string? ReferencedAs(string id)
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(folder.PathOf("App/obj/project.assets.json")));
        return assets.RootElement.GetProperty("libraries").GetProperty($"{id}/{Floor}").GetProperty("type").GetString();
    }

    private string? RecordedAnswer()
    {
        var file = folder.PathOf($"artifacts/feeds/torchsharp-{Floor}.props");
        return File.Exists(file) ? File.ReadAllText(file) : null;
    }
}
