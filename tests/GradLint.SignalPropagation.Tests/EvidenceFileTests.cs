using GradLint.SignalPropagation;

namespace GradLint.SignalPropagation.Tests;

public class EvidenceFileTests
{
    private static readonly EvidenceRow Row = EvidenceRow.Measured("Models.Net", "fc1", EvidenceFile.ActivationGradient, -9.77, "cuda:0", "9f86d081");

    [Fact]
    public void The_format_is_stable() => Assert.Equal(
        "type\tmodule_path\tquantity\tvalue\tdevice\tfingerprint\nModels.Net\tfc1\tactivation_gradient\t-9.77\tcuda:0\t9f86d081\n", EvidenceFile.Write([Row]));

    [Fact]
    public void What_is_written_is_read()
    {
        EvidenceRow[] rows =
        [
            Row,
            Row with { Type = "Outer+Generic`2", ModulePath = "odd\tname\nwith \\ and | in it" },
            Row with { Quantity = EvidenceFile.Verdict("GRAD1001"), Value = EvidenceFile.Refuted, ModulePath = "" },
        ];
        Assert.Equal(rows, EvidenceFile.Parse(EvidenceFile.Write(rows)));
        Assert.Equal(rows, EvidenceFile.Parse("\uFEFF" + EvidenceFile.Write(rows).Replace("\n", "\r\n")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("\n\n\r\n")]
    [InlineData("# a comment\nnonsense\n\t\t\t\t\t\n")]
    [InlineData("Models.Net\tfc1\tactivation_gradient\t-9.77\tcuda:0")]
    [InlineData("Models.Net\tfc1\tactivation_gradient\t-9.77\tcuda:0\tf\tone column too many")]
    public void What_is_no_row_is_skipped(string? text) => Assert.Empty(EvidenceFile.Parse(text));

    [Theory]
    [InlineData("-9.77", -9.77)]
    [InlineData("confirmed", null)]
    [InlineData("NaN", null)]
    [InlineData("1e999", null)]
    [InlineData("-9,77", null)]
    public void Only_a_finite_number_is_a_number(string value, double? number) => Assert.Equal(number, (Row with { Value = value }).Number);

    [Fact]
    public void A_truncated_file_loses_its_last_row_and_nothing_else()
    {
        var text = EvidenceFile.Write([Row, Row with { ModulePath = "fc2" }]);
        for (var length = 0; length < text.Length; length++)
            Assert.True(EvidenceFile.Parse(text[..length]).All(r => r.Type == Row.Type && r.Number == Row.Number));
    }
}
