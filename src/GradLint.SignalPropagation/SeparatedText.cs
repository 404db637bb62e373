using System.Globalization;
using System.Text;

namespace GradLint.SignalPropagation;

/// <summary>One line of fields, each escaped so that no separator and no line break can occur inside a field.</summary>
internal static class SeparatedText
{
    /// <summary>Joins the fields; <c>\</c>, the separator and control characters are escaped with a backslash.</summary>
    public static string Join(char separator, IEnumerable<string> fields)
    {
        var line = new StringBuilder();
        var first = true;
        foreach (var field in fields)
        {
            if (!first)
                line.Append(separator);
            first = false;
            foreach (var c in field)
            {
                switch (c)
                {
                    case '\\': line.Append("\\\\"); break;
                    case '\n': line.Append("\\n"); break;
                    case '\r': line.Append("\\r"); break;
                    case '\t': line.Append("\\t"); break;
                    case '|': line.Append("\\p"); break;
                    default: line.Append(c); break;
                }
            }
        }

        return line.ToString();
    }

    /// <summary>The inverse of <see cref="Join"/>. An escape that <see cref="Join"/> does not write stands for itself.</summary>
    public static List<string> Split(char separator, string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == separator)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else if (c == '\\' && i + 1 < line.Length)
            {
                var escaped = line[++i];
                switch (escaped)
                {
                    case '\\': field.Append('\\'); break;
                    case 'n': field.Append('\n'); break;
                    case 'r': field.Append('\r'); break;
                    case 't': field.Append('\t'); break;
                    case 'p': field.Append('|'); break;
                    default: field.Append('\\').Append(escaped); break;
                }
            }
            else
            {
                field.Append(c);
            }
        }

        fields.Add(field.ToString());
        return fields;
    }

    /// <summary>A number as written in a field; an unknown one (null, NaN) is an empty field.</summary>
    public static string Number(double? value) =>
        value is { } number && !double.IsNaN(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "";

    /// <summary>Reads what <see cref="Number"/> writes. False when the field is neither empty nor a number.</summary>
    public static bool TryNumber(string field, out double? value)
    {
        value = null;
        if (field.Length == 0)
            return true;
        if (!double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || double.IsNaN(number))
            return false;
        value = number;
        return true;
    }
}
