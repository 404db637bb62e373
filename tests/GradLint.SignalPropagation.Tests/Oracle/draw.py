"""Draws the networks on which GradLint's accuracy is reported, one file for each family, so that nobody picks them by their results:

    python3 draw.py            writes every grid/FAMILY.tsv anew
    python3 draw.py mlp cnn    these only

Each family has a generator of its own with a fixed seed; the grids were committed before any of their networks was measured or predicted.
A row is a cell: batch, loss, seeds (random draws of weights, data and labels), network in the words of networks.py. Inputs are independent
N(0, 1) entries, labels uniform, targets of a mean squared error N(0, 1). A further family is a function with @family.
"""
import os
import random
import sys

ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu(0.2)", "elu(1)", "selu", "gelu", "silu", "softplus", "mish", "softsign", "hardtanh(-1,1)"]
INITIALIZERS = ["default", "kaiming", "xavier", "orthogonal"]
DEPTHS = [3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48]
WIDTHS = [64, 96, 128, 192, 256, 384, 512]
BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256]
LOSSES = ["ce", "ce", "ce", "mse", "bce"]
FAMILIES = {}

# Operations a cell may take, about three seconds of one core for a dense network; more is drawn again.
MOST_WORK = 1e11


def family(generate):
    FAMILIES[generate.__name__] = generate
    return generate


def seeds(width, work):
    """At least 20 for narrow, 8 for wide networks; up to 100 where they cost little."""
    least = 20 if width < 256 else 8
    return max(least, min(100, int(MOST_WORK / work)))


def head(rng, loss):
    """Outputs of the network."""
    return rng.choice([2, 3, 5, 10, 10, 10, 20, 100]) if loss == "ce" else rng.choice([1, 1, 4, 8, 20])


def bias(rng):
    return rng.choice(["", "", "", ":zero", ":none"])


def written(words):
    return " ".join(word for word in words.split() if word)


def dense_cell(rng, shape, batches=BATCHES):
    """shape(rng) gives (input width, hidden widths, words with {} for the head); cells that cost too much are drawn again."""
    while True:
        inputs, hidden, words = shape(rng)
        batch, loss = rng.choice(batches), rng.choice(LOSSES)
        widths = [inputs] + hidden
        work = 6 * batch * sum(a * b for a, b in zip(widths, widths[1:])) + 6e6 * len(widths)
        draws = seeds(max(hidden), work)
        if work * draws <= 2 * MOST_WORK:
            return batch, loss, draws, written(words.replace("HEAD", f"L{head(rng, loss)}"))


@family
def mlp(rng):
    def stack(activation, initializer, widths):
        def shape(rng):
            depth, width, b = rng.choice(DEPTHS), rng.choice(widths), bias(rng)
            inputs = rng.choice([width, width, 32, 100, 784])
            layer = f"L{width}:{initializer}{b}"
            return inputs, [width] * (depth - 1), f"in:{inputs} [ {layer} {activation} ]*{depth - 1} HEAD:{initializer}{b}"
        return shape

    for activation in ACTIVATIONS:
        for initializer in INITIALIZERS:
            for _ in range(8):
                yield dense_cell(rng, stack(activation, initializer, WIDTHS))

    def pyramid(rng):
        depth, activation, initializer, b = rng.choice([3, 4, 5, 6, 8, 10, 12]), rng.choice(ACTIVATIONS), rng.choice(INITIALIZERS), bias(rng)
        wide, narrow = rng.choice([256, 384, 512]), rng.choice([64, 96, 128])
        hidden = [round(wide * (narrow / wide) ** (i / (depth - 2))) for i in range(depth - 1)]
        if rng.random() < 0.3:
            hidden.reverse()
        inputs = rng.choice([64, 100, 784])
        layers = " ".join(f"L{h}:{initializer}{b} {activation}" for h in hidden)
        return inputs, hidden, f"in:{inputs} {layers} HEAD:{initializer}{b}"

    def mixed(rng):
        depth, initializer, b = rng.choice([3, 5, 8, 12, 16, 24]), rng.choice(INITIALIZERS), bias(rng)
        width = rng.choice(WIDTHS[:5])
        hidden = [rng.choice([width, width, rng.choice(WIDTHS[:5])]) for _ in range(depth - 1)]
        layers = " ".join(f"L{h}:{initializer}{b} {rng.choice(ACTIVATIONS)}" for h in hidden)
        return width, hidden, f"in:{width} {layers} HEAD:{initializer}{b}"

    for shape in [pyramid] * 32 + [mixed] * 32:
        yield dense_cell(rng, shape)


@family
def narrow(rng):
    def shape(rng):
        width, activation, initializer, b = rng.choice([16, 32]), rng.choice(ACTIVATIONS), rng.choice(INITIALIZERS), bias(rng)
        depth = rng.choice([3, 5, 8, 12, 16, 24])
        layer = rng.choice(["{l} {a}", "{l} {a}", "{l} {a}", "{l} BN {a}", "{l} LN {a}", "( {a} {l} )"])
        layer = layer.format(l=f"L{width}:{initializer}{b}", a=activation)
        return width, [width] * (depth - 1), f"in:{width} [ {layer} ]*{depth - 1} HEAD:{initializer}{b}"

    for _ in range(48):
        yield dense_cell(rng, shape, BATCHES[3:])


@family
def normalized(rng):
    def shape(layers):
        def draw(rng):
            depth, width, activation, initializer, b = rng.choice(DEPTHS[:10]), rng.choice(WIDTHS[:5]), rng.choice(ACTIVATIONS), rng.choice(INITIALIZERS), bias(rng)
            layer = rng.choice(layers).format(l=f"L{width}:{initializer}{b}", a=activation, g=rng.choice([2, 4, 8]), p=rng.choice([0.1, 0.2, 0.3, 0.5]))
            return rng.choice([width, 64, 784]), [width] * (depth - 1), (layer, depth, f"HEAD:{initializer}{b}")

        def words(rng):
            inputs, hidden, (layer, depth, last) = draw(rng)
            return inputs, hidden, f"in:{inputs} [ {layer} ]*{depth - 1} {last}"
        return words

    for layers, count in [(["{l} BN {a}", "{l} BN {a}", "{l} {a} BN"], 24), (["{l} LN {a}", "{l} {a} LN"], 18), (["{l} GN{g} {a}", "{l} {a} GN{g}"], 14),
                          (["{l} {a} drop{p}", "{l} {a} drop{p}", "{l} BN {a} drop{p}", "{l} LN {a} drop{p}"], 20)]:
        for _ in range(count):
            yield dense_cell(rng, shape(layers), BATCHES[3:])


@family
def residual(rng):
    def blocks(rng):
        # Deep ones without normalization, whose variance doubles with each block, belong to the family.
        width, initializer, b = rng.choice(WIDTHS[:5]), rng.choice(INITIALIZERS), bias(rng)
        activation, count = rng.choice(ACTIVATIONS), rng.choice([2, 3, 4, 6, 8, 12, 16, 24, 32, 50])
        n = rng.choice(["", "", "BN", "LN"])
        block, layers = rng.choice([
            ("( {n} {a} {l} )", 1), ("( {n} {a} {l} {n} {a} {l} )", 2), ("( {n} {l} {a} {l} )", 2),
            ("( {l} {n} {a} {l} {n} ) {a}", 2), ("( {l} {n} ) {a}", 1), ("( {l} {a} {l} ) {n}", 2)])
        block = block.format(n=n, a=activation, l=f"L{width}:{initializer}{b}")
        last = rng.choice([f"{n} {activation}", ""])
        inputs = rng.choice([64, 784])
        return inputs, [width] * (1 + layers * count), f"in:{inputs} L{width}:{initializer}{b} [ {block} ]*{count} {last} HEAD:{initializer}{b}"

    for _ in range(48):
        yield dense_cell(rng, blocks, BATCHES[3:])
    for _ in range(12):
        channels, batch, count = rng.choice([16, 24, 32]), rng.choice([8, 16, 32]), rng.choice([2, 3, 4, 6])
        initializer, activation, norm = rng.choice(INITIALIZERS[:3]), rng.choice(["relu", "relu", "gelu", "tanh", "silu"]), rng.choice(["", "BN", "BN", "GN4"])
        c = lambda n, k: f"C{n}{k}:{initializer}"
        if rng.random() < 0.5:
            block = f"( {norm} {activation} {c(channels, 'k3p1')} {norm} {activation} {c(channels, 'k3p1')} )"
            down = f"( {norm} {activation} {c(2 * channels, 'k3s2p1')} {norm} {activation} {c(2 * channels, 'k3p1')} | {c(2 * channels, 'k1s2')} )"
        else:
            block = f"( {c(channels, 'k3p1')} {norm} {activation} {c(channels, 'k3p1')} {norm} ) {activation}"
            down = f"( {c(2 * channels, 'k3s2p1')} {norm} {activation} {c(2 * channels, 'k3p1')} {norm} | {c(2 * channels, 'k1s2')} {norm} ) {activation}"
        words = f"in:3x16x16 {c(channels, 'k3p1')} {norm} {activation} [ {block} ]*{count} {down if rng.random() < 0.6 else ''} {norm} {activation} gap L10:{initializer}"
        yield batch, "ce", 20, written(words)


@family
def cnn(rng):
    def choose():
        initializer = rng.choice(INITIALIZERS)
        b = bias(rng)
        norm = rng.choice(["", "", "BN"])
        activation = rng.choice(["relu", "relu", "relu", rng.choice(ACTIVATIONS)])
        layer = lambda size: f"{size}:{initializer}{b} {norm if size[0] == 'C' else ''} {activation}"
        return layer, f"L{rng.choice([10, 10, 100])}:{initializer}{b}", rng.choice(["max", "max", "avg"])

    def lenet():
        layer, last, pool = choose()
        m, size = rng.choice([1, 2]), rng.choice([28, 32])
        return f"in:{rng.choice([1, 3])}x{size}x{size} {layer(f'C{6 * m}k5')} {pool}2 {layer(f'C{16 * m}k5')} {pool}2 flat {layer('L120')} {layer('L84')} {last}"

    def alexnet():
        layer, last, _ = choose()
        m, pool = rng.choice([8, 12, 16]), rng.choice(["max2", "max3s2"])
        drop = rng.choice(["", "drop0.5"])
        return (f"in:3x32x32 {layer(f'C{2 * m}k5s2p2')} {pool} {layer(f'C{3 * m}k5p2')} {pool} {layer(f'C{4 * m}k3p1')} {layer(f'C{4 * m}k3p1')}"
                f" {layer(f'C{3 * m}k3p1')} flat {drop} {layer('L128')} {drop} {layer('L128')} {last}")

    def vgg():
        layer, last, pool = choose()
        m, stages = rng.choice([8, 12, 16]), rng.choice([3, 4])
        words = [f"in:3x32x32"]
        for stage in range(stages):
            words += [layer(f"C{m * min(2 ** stage, 4)}k3p1") for _ in range(rng.choice([1, 2, 2, 3]))] + [pool + "2"]
        return " ".join(words + ([f"flat {layer('L128')}"] if rng.random() < 0.7 else ["gap"])) + f" {last}"

    def strided():
        layer, last, _ = choose()
        m = rng.choice([12, 16, 24])
        end = rng.choice(["gap", "flat"])
        return f"in:3x32x32 {layer(f'C{m}k3s2p1')} {layer(f'C{2 * m}k3s2p1')} {layer(f'C{2 * m}k3p1')} {layer(f'C{4 * m}k3s2p1')} {end} {last}"

    def grouped():
        layer, last, _ = choose()
        m, groups, count = rng.choice([16, 24, 32]), rng.choice([2, 4, "all"]), rng.choice([2, 3, 4])
        groups = m if groups == "all" else groups
        block = f"{layer(f'C{m}k3p1g{groups}')} {layer(f'C{m}k1')}"
        return f"in:3x16x16 {layer(f'C{m}k3p1')} [ {block} ]*{count} {rng.choice(['gap', 'flat', 'avg2 flat'])} {last}"

    def plain():
        layer, last, pool = choose()
        m, count, kernel = rng.choice([16, 24, 32]), rng.choice([4, 6, 8, 12]), rng.choice(["k3p1", "k3p1", "k5p2"])
        return f"in:3x16x16 [ {layer(f'C{m}{kernel}')} ]*{count} {rng.choice(['gap', 'flat', pool + '2 flat', pool + '4 flat'])} {last}"

    def one_dimensional():
        layer, last, pool = choose()
        m, count, kernel = rng.choice([16, 32, 48]), rng.choice([2, 3, 4, 6]), rng.choice(["k3p1", "k5p2", "k7p3", "k5"])
        first = layer(f"C{m}{rng.choice(['k5s2p2', 'k7s2p3', 'k3p1'])}")
        between = rng.choice(["", pool + "2"])
        return f"in:{rng.choice([1, 4, 16])}x128 {first} {between} [ {layer(f'C{m}{kernel}')} ]*{count} {pool}4 {rng.choice(['gap', 'flat'])} {last}"

    for shape, count in [(lenet, 14), (alexnet, 12), (vgg, 22), (strided, 8), (grouped, 10), (plain, 10), (one_dimensional, 14)]:
        for _ in range(count):
            yield rng.choice([8, 16, 32, 64]), rng.choice(["ce", "ce", "ce", "ce", "mse"]), 16, written(shape())


@family
def recurrent(rng):
    cells = {"RNN": ["", "", ":orthogonal", ":xavier"], "RELU": ["", "", ":orthogonal", ":identity"],
             "LSTM": ["", "", ":orthogonal", ":whole", ":xavier", ":memory1", ":memory2", ":orthogonal:memory1"],
             "GRU": ["", "", ":orthogonal", ":xavier", ":memory1", ":memory2", ":orthogonal:memory2"]}
    for cell, initializers in cells.items():
        for _ in range(15):
            hidden, steps = rng.choice(WIDTHS[:5]), rng.choice([5, 8, 10, 16, 20, 30, 40, 50, 75, 100, 150, 200])
            inputs, batch = rng.choice([8, 16, 32, 64, hidden]), rng.choice([8, 16, 32])
            count, both = rng.choice([1, 1, 1, 1, 2, 3]), rng.choice(["", "", "", "", "", ":bi"])
            layer = f"{cell}{hidden}{rng.choice(initializers)}{rng.choice(['', '', '', ':zero', ':none'])}{both}"
            # Without gates the draws of long sequences scatter by decades.
            draws = 60 if cell in ("RNN", "RELU") else 20
            yield batch, "ce", draws, f"seq:{steps}x{inputs} [ {layer} ]*{count} {rng.choice(['last', 'last', 'last', 'mean'])} L{rng.choice([2, 10, 10])}"


@family
def transformer(rng):
    for _ in range(36):
        width, heads, tokens = rng.choice([32, 64, 96, 128]), rng.choice([1, 2, 4, 8]), rng.choice([8, 16, 32, 64])
        inputs, batch, count = rng.choice([16, 32, width]), rng.choice([4, 8, 16]), rng.choice([1, 2, 3, 4, 6, 8])
        activation, wide = rng.choice(["relu", "relu", "gelu"]), rng.choice([2, 4]) * width
        attention, dense = f"MHA{heads}", f"L{wide} {activation} L{width}"
        block, last = rng.choice([
            (f"ENC{heads}f{wide}:{activation}", ""), (f"( {attention} ) LN ( {dense} ) LN", ""),
            (f"( LN {attention} ) ( LN {dense} )", "LN"), (f"( LN {attention} ) ( LN {dense} )", "LN")])
        yield batch, "ce", 20, written(f"seq:{tokens}x{inputs} L{width} [ {block} ]*{count} {last} {rng.choice(['last', 'mean', 'mean'])} L{rng.choice([2, 10, 10])}")


def main(names):
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "grid")
    for name in names or FAMILIES:
        with open(os.path.join(folder, name + ".tsv"), "w", newline="\n") as out:
            out.write("batch\tloss\tseeds\tnetwork\n")
            for cell in FAMILIES[name](random.Random(name + " 2026")):
                out.write("\t".join(str(part) for part in cell) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
