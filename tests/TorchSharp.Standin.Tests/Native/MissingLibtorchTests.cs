using System.Diagnostics;

namespace TorchSharp.Standin.Tests.Native;

/// <summary>Where libtorch cannot be loaded, the first tensor says in one line what to install.</summary>
public class MissingLibtorchTests
{
    private const string Library = "libaten_standin.so";

    [StandinFact]
    public void Without_the_native_library_the_message_says_what_to_install()
    {
        AssertHelpful(RunWithout(_ => { }));
    }

    [StandinFact]
    public void With_a_native_library_that_does_not_load_the_message_says_what_to_install()
    {
        AssertHelpful(RunWithout(folder => File.WriteAllText(Path.Combine(folder, Library), "no library")));
    }

    private static void AssertHelpful(string line)
    {
        Assert.Contains("libtorch-dev", line);
        Assert.Contains("LIBTORCH", line);
        Assert.DoesNotContain('\n', line);
    }

    /// <summary>Runs this assembly's program beside a TorchSharp.dll without its native library.</summary>
    private static string RunWithout(Action<string> prepare)
    {
        var folder = Directory.CreateTempSubdirectory("standin-");
        try
        {
            foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(f => f.EndsWith(".dll", StringComparison.Ordinal) || f.EndsWith(".json", StringComparison.Ordinal)))
                File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
            prepare(folder.FullName);
            var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(folder.FullName, "TorchSharp.Standin.Tests.dll")]) { RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return output;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
