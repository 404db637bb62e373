using System.Globalization;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>Writes repeated blocks out.</summary>
internal static class Unrolling
{
    /// <summary>Beyond this many steps a network is not predicted: an editor waits for the answer.</summary>
    public const int MostSteps = 20_000;

    /// <summary>The steps in order, and the index of the output's, or null where a block is no chain of rounds or they are too many. A block whose
    /// count is unknown is executed <paramref name="unknownRounds"/> times.</summary>
    public static List<Step>? Unroll(Network network, int unknownRounds, out int output)
    {
        var steps = new List<Step>();
        var stepOf = new int[network.Nodes.Count];
        output = -1;
        if (!new Writer(network, unknownRounds, steps, stepOf).Append(0, network.Nodes.Count, null))
            return null;
        if (network.Output >= 0)
            output = stepOf[network.Output];
        foreach (var step in steps)
        {
            foreach (var input in step.Inputs)
            {
                steps[input].Consumers++;
                steps[input].IsSummand |= step.Node.Operation is Operation.Add;
            }
        }

        if (output >= 0)
            steps[output].Consumers++;
        return steps;
    }

    private sealed class Writer(Network network, int unknownRounds, List<Step> steps, int[] stepOf)
    {
        private readonly List<string> rounds = [];
        private int round;
        private int executed;

        public bool Append(int from, int to, RepeatBlock? inside)
        {
            for (var i = from; i < to;)
            {
                var node = network.Nodes[i];
                var block = Outermost(node.Repeat, inside);
                if (block is null)
                {
                    var inputs = new int[node.Inputs.Count];
                    for (var k = 0; k < inputs.Length; k++)
                        inputs[k] = stepOf[node.Inputs[k]];
                    var path = Path(node.Path);
                    if (!Composites.Append(node, inputs, round, path, steps))
                        steps.Add(new Step(node, inputs, round, path));
                    stepOf[i] = steps.Count - 1;
                    if (steps.Count > MostSteps)
                        return false;
                    i++;
                    continue;
                }

                var end = i + 1;
                while (end < to && Contains(block, network.Nodes[end].Repeat, inside))
                    end++;
                if (!AppendBlock(i, end, block))
                    return false;
                i = end;
            }

            return true;
        }

        private bool AppendBlock(int from, int to, RepeatBlock block)
        {
            // The value that enters and the value that leaves: one each, or the block is not a chain of rounds.
            var entry = block.Entry ?? -1;
            for (var i = from; i < to && block.Entry is null; i++)
            {
                foreach (var input in network.Nodes[i].Inputs)
                {
                    if (input >= from)
                        continue;
                    if (entry >= 0 && entry != input)
                        return false;
                    entry = input;
                }
            }

            if (entry < 0)
                return false;
            var exit = to - 1;
            var start = stepOf[entry];
            var count = block.Count ?? unknownRounds;

            // Rounds are counted too: one that holds only a block of no rounds adds no step.
            for (var round = 0; round < count; round++)
            {
                if (++executed > MostSteps || !Round(from, to, block, round))
                    return false;
                stepOf[entry] = stepOf[exit];
            }

            if (count <= 0)
            {
                for (var i = from; i < to; i++)
                    stepOf[i] = start;
            }

            stepOf[entry] = start;
            return true;
        }

        private static RepeatBlock? Outermost(RepeatBlock? block, RepeatBlock? inside)
        {
            RepeatBlock? found = null;
            for (; block is not null && block != inside; block = block.Parent)
                found = block;
            return found;
        }

        private static bool Contains(RepeatBlock block, RepeatBlock? inner, RepeatBlock? inside) => Outermost(inner, inside) == block;

        private bool Round(int from, int to, RepeatBlock block, int round)
        {
            var outer = this.round;
            this.round = round;
            // Of an unknown number of rounds, none is the path's: it only tells the rounds apart.
            rounds.Add((block.Count is null ? "*" : "") + round.ToString(CultureInfo.InvariantCulture));
            var written = Append(from, to, block);
            rounds.RemoveAt(rounds.Count - 1);
            this.round = outer;
            return written;
        }

        private string? Path(string? path)
        {
            var from = 0;
            foreach (var number in rounds)
            {
                var star = path?.IndexOf('*', from) ?? -1;
                if (star < 0)
                    break;
                path = path!.Substring(0, star) + number + path.Substring(star + 1);
                from = star + number.Length;
            }

            return path;
        }
    }
}
