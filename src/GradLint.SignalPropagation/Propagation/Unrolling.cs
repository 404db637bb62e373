using System.Globalization;

namespace GradLint.SignalPropagation.Propagation;

/// <summary>Writes repeated blocks out.</summary>
internal static class Unrolling
{
    /// <summary>Beyond this many steps a network is not predicted: an editor waits for the answer.</summary>
    public const int MostSteps = 20_000;

    /// <summary>The steps in order, and the index of the output's, or null where a block is no chain of rounds or they are too many. A block whose
    /// count is unknown is executed once, with an opaque step behind it.</summary>
    public static List<Step>? Unroll(Network network, out int output)
    {
        var steps = new List<Step>();
        var stepOf = new int[network.Nodes.Count];
        output = -1;
        if (!new Writer(network, steps, stepOf).Append(0, network.Nodes.Count, null))
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

    private sealed class Writer(Network network, List<Step> steps, int[] stepOf)
    {
        private readonly List<int> rounds = [];
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
                    var (round, path) = (rounds.Count == 0 ? 0 : rounds[rounds.Count - 1], Path(node.Path));
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
            var entry = -1;
            for (var i = from; i < to; i++)
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
            if (block.Count is { } count)
            {
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
            }
            else
            {
                if (!Round(from, to, block, 0))
                    return false;
                var gap = new Operation.Opaque("a block that repeats an unknown number of times");
                steps.Add(new Step(new Node(to - 1, gap, [exit], null, null, SourceLocation.None, null), [stepOf[exit]], 0, null));
                stepOf[exit] = steps.Count - 1;
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
            rounds.Add(round);
            var written = Append(from, to, block);
            rounds.RemoveAt(rounds.Count - 1);
            return written;
        }

        private string? Path(string? path)
        {
            foreach (var round in rounds)
            {
                var star = path?.IndexOf('*') ?? -1;
                if (star >= 0)
                    path = path!.Substring(0, star) + round.ToString(CultureInfo.InvariantCulture) + path.Substring(star + 1);
            }

            return path;
        }
    }
}
