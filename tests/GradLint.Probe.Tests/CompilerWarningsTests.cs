using System.Text;

namespace GradLint.Probe.Tests;

/// <summary>The compiler's log as csc 4.14 writes it with <c>ErrorLog=…,version=2.1</c>, whole and damaged.</summary>
public class CompilerWarningsTests
{
    [Fact]
    public void Warnings_of_GradLint_are_read_with_their_lines()
    {
        var log = Read(Log(Result("CS0168", "unused", "Nets.cs", 3), Result("GRAD1001", "The gradient fades", "file:///home/me/My%20App/Nets.cs", 11, 10, 18)));

        Assert.Null(log.Problem);
        var warning = Assert.Single(log.All);
        Assert.Equal(("GRAD1001", "The gradient fades", "file:///home/me/My App/Nets.cs"), (warning.RuleId, warning.Message, warning.File));
        Assert.Equal([11, 10, 18], warning.Lines);
    }

    [Fact]
    public void A_byte_order_mark_is_no_fault()
    {
        using var stream = new MemoryStream([.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(Log(Result("GRAD1001", "m", "a.cs", 1)))]);

        Assert.Single(CompilerWarnings.Read(stream, "a").All);
    }

    [Theory]
    [InlineData("", "is empty.")]
    [InlineData("GRAD1001 is no JSON", "is damaged or breaks off")]
    [InlineData("{}", "has no version")]
    [InlineData("[]", "has no version")]
    [InlineData("{\"version\": \"1.0.0\", \"runs\": []}", "is SARIF 1.0.0, and GradLint reads 2.1: let the compiler write it with <ErrorLog>build.sarif,version=2.1</ErrorLog>.")]
    public void What_is_no_SARIF_of_this_version_is_said(string text, string problem) => Assert.Contains(problem, Read(text).Problem, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_breaks_off_keeps_what_was_read_before()
    {
        string whole = Log(Result("GRAD1001", "first", "a.cs", 1), Result("GRAD4001", "second", "a.cs", 2));

        var log = Read(whole[..whole.IndexOf("second", StringComparison.Ordinal)]);

        Assert.Equal("GRAD1001", Assert.Single(log.All).RuleId);
        Assert.Contains("1 warnings of GradLint were read before.", log.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_said() =>
        Assert.Contains("cannot be read", CompilerWarnings.Read(Path.Combine(Path.GetTempPath(), "no", "such.sarif")).Problem, StringComparison.Ordinal);

    [Fact]
    public void The_buffer_does_not_grow_with_the_file()
    {
        using var stream = new Repeating(Log(Result("CS0168", "unused", "Nets.cs", 3), Result("GRAD1001", "m", "a.cs", 1)), Result("CS0168", "unused", "Nets.cs", 3) + ",", times: 50_000);

        var log = CompilerWarnings.Read(stream, "huge");

        Assert.Null(log.Problem);
        Assert.Single(log.All);
        Assert.True(stream.Length > 10_000_000);
        Assert.InRange(stream.LongestRead, 1, 1 << 17);
    }

    [Fact]
    public void A_value_that_is_too_large_is_refused()
    {
        var log = Read(Log(Result("GRAD1001", "first", "a.cs", 1), Result("GRAD1001", new string('x', 40_000_000), "a.cs", 2)));

        Assert.Single(log.All);
        Assert.Contains("holds a value of more than 16 MB", log.Problem, StringComparison.Ordinal);
    }

    private static CompilerWarnings Read(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return CompilerWarnings.Read(stream, "build.sarif");
    }

    private static string Log(params string[] results) => $$"""
        {
          "$schema": "http://json.schemastore.org/sarif-2.1.0",
          "version": "2.1.0",
          "runs": [
            {
              "results": [{{string.Join(",", results)}}],
              "tool": { "driver": { "name": "Microsoft (R) Visual C# Compiler", "rules": [ { "id": "GRAD1001" } ] } },
              "columnKind": "utf16CodeUnits"
            }
          ]
        }
        """;

    private static string Result(string rule, string message, string file, int line, params int[] related) => $$"""
        { "ruleId": "{{rule}}", "ruleIndex": 0, "level": "warning", "message": { "text": "{{message}}" },
          "locations": [ {{Place(file, line)}} ], "relatedLocations": [ {{string.Join(",", related.Select(l => Place(file, l)))}} ],
          "properties": { "warningLevel": 1 } }
        """;

    private static string Place(string file, int line) =>
        $$"""{ "physicalLocation": { "artifactLocation": { "uri": "{{file}}" }, "region": { "startLine": {{line}}, "startColumn": 9, "endLine": {{line}}, "endColumn": 20 } } }""";

    /// <summary>A log whose first result comes many times over.</summary>
    private sealed class Repeating : Stream
    {
        private readonly byte[] head, middle, tail;
        private readonly long times;

        public Repeating(string log, string result, int times)
        {
            int at = log.IndexOf("{ \"ruleId\"", StringComparison.Ordinal);
            (head, middle, tail) = (Encoding.UTF8.GetBytes(log[..at]), Encoding.UTF8.GetBytes(result), Encoding.UTF8.GetBytes(log[at..]));
            this.times = times;
        }

        public int LongestRead { get; private set; }

        public override long Length => head.Length + (times * middle.Length) + tail.Length;

        public override long Position { get; set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            LongestRead = Math.Max(LongestRead, buffer.Length);
            long inMiddle = Position - head.Length, behind = inMiddle - (times * middle.Length);
            var from = inMiddle < 0 ? head.AsSpan((int)Position)
                : behind < 0 ? middle.AsSpan((int)(inMiddle % middle.Length))
                : tail.AsSpan((int)Math.Min(behind, tail.Length));
            int count = Math.Min(from.Length, buffer.Length);
            from[..count].CopyTo(buffer);
            Position += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
