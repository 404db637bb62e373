using System.Buffers;
using System.Text.Json;

namespace GradLint.Probe;

/// <summary>One warning of GradLint in a log of the compiler.</summary>
/// <param name="RuleId">The rule, such as <c>GRAD1001</c>.</param>
/// <param name="Message">Its message.</param>
/// <param name="File">The source file as the log has it.</param>
/// <param name="Lines">The line of the warning, from 1, and after it those of the places that belong to it.</param>
public sealed record CompilerWarning(string RuleId, string Message, string File, IReadOnlyList<int> Lines);

/// <summary>
/// The warnings of GradLint in a SARIF file that the compiler wrote: <c>&lt;ErrorLog&gt;build.sarif,version=2.1&lt;/ErrorLog&gt;</c>.
/// The file is read as a stream: its size does not matter. What is wrong with it is said in <see cref="Problem"/>; what was read
/// before is kept.
/// </summary>
public sealed class CompilerWarnings
{
    private const int FirstBuffer = 64 * 1024;
    private const int LargestValue = 16 * 1024 * 1024;
    private const int MostWarnings = 100_000;

    // Depths in the reader's count: { "runs": [ { "results": [ {
    private const int LogProperty = 1, RunProperty = 3, Result = 4;

    private readonly List<CompilerWarning> _all = [];
    private string? _version;
    private string? _logProperty;
    private string? _runProperty;

    private CompilerWarnings(string? problem = null) => Problem = problem;

    /// <summary>The warnings whose rule begins with <c>GRAD</c>, in the order of the file.</summary>
    public IReadOnlyList<CompilerWarning> All => _all;

    /// <summary>Why the file could not be read, or not to its end, for people; <c>null</c> where nothing is wrong.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads a file. Never throws for what the file is or holds.</summary>
    /// <param name="path">The SARIF file.</param>
    public static CompilerWarnings Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return Read(stream, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return new CompilerWarnings($"The compiler's log '{path}' cannot be read: {exception.Message}");
        }
    }

    internal static CompilerWarnings Read(Stream stream, string name)
    {
        var warnings = new CompilerWarnings();
        try
        {
            warnings.Problem = warnings.Parse(stream) is { } problem ? $"The compiler's log '{name}' {problem}" : null;
        }
        catch (JsonException exception)
        {
            warnings.Problem = $"The compiler's log '{name}' is damaged or breaks off: {exception.Message} {warnings._all.Count} warnings of GradLint were read before.";
        }

        return warnings;
    }

    private string? Parse(Stream stream)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var state = default(JsonReaderState);
            int filled = stream.ReadAtLeast(buffer, 3, throwOnEndOfStream: false);
            if (filled == 0)
                return "is empty.";
            if (buffer.AsSpan(0, filled).StartsWith("\uFEFF"u8))
                buffer.AsSpan(3..filled).CopyTo(buffer.AsSpan(0, filled -= 3));
            bool isEnd = false;
            while (true)
            {
                var reader = new Utf8JsonReader(buffer.AsSpan(0, filled), isEnd, state);
                if (Tokens(ref reader, buffer) is { } problem)
                    return problem;
                if (isEnd)
                    return _version is null ? "has no version: it is no SARIF." : null;
                state = reader.CurrentState;
                int consumed = (int)reader.BytesConsumed;
                buffer.AsSpan(consumed..filled).CopyTo(buffer);
                filled -= consumed;
                if (filled == buffer.Length)
                {
                    if (buffer.Length >= LargestValue)
                        return $"holds a value of more than {LargestValue / 1024 / 1024} MB. {_all.Count} warnings of GradLint were read before it.";
                    byte[] larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
                    buffer.AsSpan(0, filled).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                int read = stream.Read(buffer.AsSpan(filled));
                filled += read;
                isEnd = read == 0;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Goes through all whole tokens of the buffer; a result is one token.</summary>
    private string? Tokens(ref Utf8JsonReader reader, byte[] buffer)
    {
        while (true)
        {
            var before = reader;
            if (!reader.Read())
                return null;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName when reader.CurrentDepth == LogProperty:
                    _logProperty = reader.GetString();
                    break;
                case JsonTokenType.PropertyName when reader.CurrentDepth == RunProperty:
                    _runProperty = reader.GetString();
                    break;
                case JsonTokenType.String when reader.CurrentDepth == LogProperty && _logProperty == "version":
                    _version = reader.GetString();
                    if (_version is null || !_version.StartsWith("2.", StringComparison.Ordinal))
                        return $"is SARIF {_version}, and GradLint reads 2.1: let the compiler write it with <ErrorLog>build.sarif,version=2.1</ErrorLog>.";
                    break;
                case JsonTokenType.StartObject when reader.CurrentDepth == Result && _logProperty == "runs" && _runProperty == "results":
                    int start = (int)reader.TokenStartIndex;
                    if (!reader.TrySkip())
                    {
                        reader = before;
                        return null;
                    }

                    using (var result = JsonDocument.Parse(buffer.AsMemory(start..(int)reader.BytesConsumed)))
                        Add(result.RootElement);
                    if (_all.Count >= MostWarnings)
                        return $"holds more than {MostWarnings} warnings of GradLint; the others were not read.";
                    break;
            }
        }
    }

    private void Add(JsonElement result)
    {
        if (Text(result, "ruleId") is not { } rule || !rule.StartsWith("GRAD", StringComparison.Ordinal))
            return;
        var places = Places(result, "locations").Concat(Places(result, "relatedLocations")).ToArray();
        if (places.Length > 0)
            _all.Add(new CompilerWarning(rule, Text(Property(result, "message"), "text") ?? string.Empty, places[0].File, [.. places.Where(p => p.File == places[0].File).Select(p => p.Line)]));
    }

    private static IEnumerable<(string File, int Line)> Places(JsonElement result, string property)
    {
        if (Property(result, property) is not { ValueKind: JsonValueKind.Array } places)
            yield break;
        foreach (var place in places.EnumerateArray())
        {
            var physical = Property(place, "physicalLocation");
            if (Text(Property(physical, "artifactLocation"), "uri") is { } uri && Property(Property(physical, "region"), "startLine") is { ValueKind: JsonValueKind.Number } line && line.TryGetInt32(out int number))
                yield return (Uri.UnescapeDataString(uri), number);
        }
    }

    private static JsonElement? Property(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement? parent, string name) =>
        Property(parent, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
