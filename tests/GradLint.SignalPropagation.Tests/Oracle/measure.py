"""Measures with PyTorch's autograd what GradLint.SignalPropagation predicts, over the grid below, and writes measured.tsv.

    python3 measure.py measured.tsv

Needs PyTorch (any version since 1.13); no formula of GradLint is used here. Everything is computed in float64, because deep nets leave the range
of float32. For each weight layer, averaged over seeds of network, data and labels, log10 of
    gradient  root mean square of dL/dz, relative to the output layer; z is the layer's output before normalization and activation
    weight    Frobenius norm of dL/dW, relative to the output layer
    scale     root mean square of z
and the standard deviation of a single seed. `seeds` of the first row of a network lists the single seeds' first-layer gradient and weight.

A network is written as words:
    in:64, in:3x32x32   the input: independent N(0, 1) entries
    L64:kaiming:zero    Linear(.., 64), weight initializer, bias initializer (default; zero; none)
    C8k3s2p1g2:default  convolution with 8 channels, kernel 3, stride 2, padding 1, groups 2; one- or two-dimensional as the input
    BN LN GN4 IN        normalization (LN over the features), in training mode
    drop0.5 max2 max3s2 avg2 gap flat, relu, leaky_relu(0.2) ...
    [ .. ]*12           repeated
    ( .. )              residual: x + f(x)
"""
import math
import re
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

ACTIVATIONS = {
    "relu": F.relu, "leaky_relu": lambda x, s: F.leaky_relu(x, s), "elu": lambda x, a: F.elu(x, a), "selu": F.selu, "gelu": F.gelu,
    "gelu_tanh": lambda x: 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3))),
    "silu": F.silu, "mish": F.mish, "hardswish": F.hardswish, "sigmoid": torch.sigmoid, "logsigmoid": F.logsigmoid,
    "hardsigmoid": F.hardsigmoid, "tanh": torch.tanh, "hardtanh": lambda x, a, b: F.hardtanh(x, a, b), "softplus": F.softplus,
    "softsign": F.softsign, "prelu": lambda x, a: torch.where(x > 0, x, a * x), "relu6": F.relu6, "softshrink": lambda x, a: F.softshrink(x, a),
    "tanhshrink": F.tanhshrink, "celu": lambda x, a: F.celu(x, a), "sin": torch.sin,
}


def expand(spec):
    """Repeats written out, as a list of words."""
    while "[" in spec:
        spec = re.sub(r"\[([^\[\]]*)\]\*(\d+)", lambda m: " ".join([m.group(1).strip()] * int(m.group(2))), spec)
    return spec.split()


def initialize(layer, weight, bias):
    w = layer.weight
    if weight == "kaiming":
        nn.init.kaiming_normal_(w, nonlinearity="relu")
    elif weight == "kaiming_out":
        nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu")
    elif weight == "kaiming_uniform":
        nn.init.kaiming_uniform_(w, nonlinearity="relu")
    elif weight == "xavier":
        nn.init.xavier_uniform_(w)
    elif weight.startswith("xavier_gain"):
        nn.init.xavier_uniform_(w, gain=float(weight[11:]))
    elif weight == "lecun":
        nn.init.kaiming_normal_(w, nonlinearity="linear")
    elif weight.startswith("gain"):
        nn.init.normal_(w, 0, float(weight[4:]) / math.sqrt(w[0].numel()))
    elif weight == "orthogonal":
        nn.init.orthogonal_(w)
    elif weight.startswith("orthogonal_gain"):
        nn.init.orthogonal_(w, gain=float(weight[15:]))
    elif weight.startswith("normal"):
        nn.init.normal_(w, 0, float(weight[6:]))
    elif weight != "default":
        raise ValueError(weight)
    if bias == "zero":
        nn.init.zeros_(layer.bias)
    elif bias.startswith("normal"):
        nn.init.normal_(layer.bias, 0, float(bias[6:]))


def run(words, batch, loss):
    """One draw: three lists, a value for each weight layer."""
    sizes = [int(n) for n in words[0][3:].split("x")]
    x = torch.randn(batch, *sizes)
    outputs, layers, skips = [], [], []
    for word in words[1:]:
        if word == "(":
            skips.append(x)
        elif word == ")":
            x = x + skips.pop()
        elif word[0] in "LC" and word[1].isdigit():
            shape, weight, bias = (word.split(":") + ["default", "default"])[:3]
            numbers = {k: int(v) for k, v in re.findall(r"([A-Za-z])(\d+)", shape)}
            if word[0] == "L":
                layer = nn.Linear(x.shape[-1], numbers["L"], bias=bias != "none")
            else:
                kind = nn.Conv2d if x.dim() == 4 else nn.Conv1d
                layer = kind(x.shape[1], numbers["C"], numbers["k"], stride=numbers.get("s", 1), padding=numbers.get("p", 0),
                             groups=numbers.get("g", 1), bias=bias != "none")
            initialize(layer, weight, bias)
            x = layer(x)
            x.retain_grad()
            outputs.append(x)
            layers.append(layer)
        elif word == "BN":
            x = F.batch_norm(x, None, None, training=True)
        elif word == "LN":
            x = F.layer_norm(x, x.shape[-1:])
        elif word.startswith("GN"):
            x = F.group_norm(x, int(word[2:]))
        elif word == "IN":
            x = F.instance_norm(x)
        elif word.startswith("drop"):
            x = F.dropout(x, float(word[4:]), training=True)
        elif word == "gap":
            x = x.flatten(2).mean(2)
        elif word == "flat":
            x = x.flatten(1)
        elif word.startswith(("max", "avg")):
            window, stride = (word[3:].split("s") + [word[3:]])[:2] if "s" in word else (word[3:], word[3:])
            pools = {("max", 4): F.max_pool2d, ("max", 3): F.max_pool1d, ("avg", 4): F.avg_pool2d, ("avg", 3): F.avg_pool1d}
            x = pools[word[:3], x.dim()](x, int(window), int(stride))
        else:
            name, _, arguments = word.partition("(")
            x = ACTIVATIONS[name](x, *[float(a) for a in arguments.rstrip(")").split(",") if a])
    classes = x.shape[-1]
    if loss == "ce":
        value = F.cross_entropy(x, torch.randint(0, classes, (batch,)))
    elif loss == "mse":
        value = F.mse_loss(x, torch.randn_like(x))
    elif loss == "bce":
        value = F.binary_cross_entropy_with_logits(x, torch.randint(0, 2, x.shape).to(x.dtype))
    else:
        raise ValueError(loss)
    value.backward()
    log = lambda t: math.log10(max(t.double().square().mean().sqrt().item(), 1e-320))
    gradient = [log(z.grad) for z in outputs]
    weight = [log(m.weight.grad) + math.log10(m.weight.numel()) / 2 for m in layers]
    return [g - gradient[-1] for g in gradient], [w - weight[-1] for w in weight], [log(z) for z in outputs]


def grid():
    """(family, seeds, batch, loss, network)"""
    acts = ["sigmoid", "tanh", "relu", "leaky_relu(0.2)", "elu(1)", "selu", "gelu", "silu", "softplus", "mish", "softsign", "hardtanh(-1,1)"]
    for i, act in enumerate(acts):
        for j, init in enumerate(["default", "kaiming", "xavier", "orthogonal"]):
            for k in range(2):
                depth = [3, 6, 12, 24, 48][(i + j + 2 * k) % 5]
                width = min([64, 128, 256, 512][(i + 3 * j + k) % 4], {3: 512, 6: 512, 12: 256, 24: 128, 48: 64}[depth])
                batch = [64, 16, 256, 1, 64, 8][(2 * i + j + k) % 6]
                yield "mlp", 20 if width < 256 else 8, batch, "ce", f"in:{width} [ L{width}:{init} {act} ]*{depth - 1} L10:{init}"
    for batch, loss, spec in [
        (64, "ce", "in:64 [ L64 sigmoid ]*11 L10"), (64, "ce", "in:64 [ L64:kaiming:zero relu ]*11 L10"),
        (64, "ce", "in:256 [ L256 sigmoid ]*11 L10"), (64, "ce", "in:784 L512 relu L256 relu L128 relu L64 relu L10"),
        (64, "ce", "in:784 L512 sigmoid L256 sigmoid L128 sigmoid L64 sigmoid L10"), (32, "ce", "in:100 L64 tanh L128 relu L256 sigmoid L128 gelu L3"),
        (64, "mse", "in:64 [ L64 tanh ]*7 L1"), (64, "mse", "in:32 [ L128:kaiming relu ]*9 L8"), (64, "bce", "in:64 [ L128:xavier tanh ]*9 L1"),
        (64, "bce", "in:64 [ L128 sigmoid ]*5 L20"), (64, "ce", "in:64 [ L128:normal0.05 relu ]*9 L10"), (64, "ce", "in:64 [ L128:gain1.48:zero gelu ]*11 L10"),
        (64, "ce", "in:64 [ L128:lecun:zero selu ]*19 L10"), (64, "ce", "in:64 [ L128:xavier_gain1.6667 tanh ]*19 L10"),
        (64, "ce", "in:64 [ L128:kaiming_uniform:none relu ]*11 L10:kaiming_uniform:none"), (64, "ce", "in:64 [ L128:kaiming_out relu ]*11 L10"),
        (64, "ce", "in:64 [ L128:normal1 relu ]*7 L10"), (64, "ce", "in:64 [ L128 logsigmoid ]*7 L10"), (64, "ce", "in:64 [ L128 hardsigmoid ]*7 L10"),
        (64, "ce", "in:64 [ L128:kaiming hardswish ]*9 L10"), (64, "ce", "in:64 [ L128:kaiming prelu(0.25) ]*9 L10"), (64, "ce", "in:64 [ L128:kaiming relu6 ]*9 L10"),
        (64, "ce", "in:64 [ L128:lecun celu(0.5) ]*9 L10"), (64, "ce", "in:64 [ L128 sin ]*9 L10"), (128, "ce", "in:64 [ L128:orthogonal_gain1.4142 relu ]*19 L100"),
    ]:
        yield "mlp", 20, batch, loss, spec
    for spec in ["in:16 [ L16 sigmoid ]*5 L3", "in:16 [ L16:kaiming relu ]*9 L4", "in:32 [ L32:xavier tanh ]*19 L10", "in:32 [ L32 gelu ]*9 L10",
                 "in:32 [ L32 BN relu ]*9 L10", "in:16 L32:kaiming [ ( relu L32 ) ]*6 relu L4"]:
        yield "narrow", 20, 32, "ce", spec
    for act in ["relu", "tanh", "sigmoid", "gelu"]:
        for depth, width, batch in [(6, 128, 64), (20, 128, 64), (12, 128, 16), (12, 256, 256)]:
            yield "batchnorm", 8, batch, "ce", f"in:64 [ L{width} BN {act} ]*{depth - 1} L10"
        yield "batchnorm", 8, 64, "ce", f"in:64 [ L128 {act} BN ]*11 L10"
        yield "layernorm", 8, 64, "ce", f"in:64 [ L128 LN {act} ]*11 L10"
        yield "layernorm", 8, 64, "ce", f"in:64 [ L128 {act} LN ]*11 L10"
    for rate in [0.1, 0.5]:
        yield "dropout", 20, 64, "ce", f"in:64 [ L128:kaiming relu drop{rate} ]*9 L10"
        yield "dropout", 20, 64, "ce", f"in:64 [ L128 sigmoid drop{rate} ]*5 L10"
        yield "dropout", 20, 64, "ce", f"in:64 [ L256 BN relu drop{rate} ]*7 L10"
    lenet = "in:1x28x28 C6k5{i} {a} {p}2 C16k5{i} {a} {p}2 flat L120{i} {a} L84{i} {a} L10{i}"
    vgg = "in:3x32x32 C16k3p1{i}{n} relu max2 C32k3p1{i}{n} relu max2 [ C64k3p1{i}{n} relu ]*2 max2 [ C64k3p1{i}{n} relu ]*2 max2 flat L64{i} relu L10{i}"
    for spec in [
        lenet.format(i="", a="sigmoid", p="avg"), lenet.format(i="", a="relu", p="max"), lenet.format(i="", a="tanh", p="avg"),
        lenet.format(i=":kaiming", a="relu", p="max"), vgg.format(i="", n=""), vgg.format(i=":kaiming", n=""), vgg.format(i="", n=" BN"),
        "in:3x24x24 [ C16k3p1 sigmoid ]*6 gap L10", "in:3x24x24 [ C16k3p1:kaiming relu ]*6 gap L10", "in:3x24x24 [ C16k3p1 BN relu ]*8 gap L10",
        "in:3x32x32 C16k3s2p1:kaiming relu C32k3s2p1:kaiming relu C64k3s2p1:kaiming relu flat L10",
        "in:4x128 [ C32k5p2 tanh ]*6 max4 flat L10", "in:4x128 C32k5s2p2:kaiming relu [ C32k5p2g4:kaiming relu ]*4 gap L10",
        "in:16x16x16 [ C16k3p1g16:kaiming relu C16k1:kaiming relu ]*4 gap L10", "in:3x20x20 [ C16k3:xavier tanh ]*8 flat L10",
        "in:3x24x24 [ C16k3p1 GN4 relu ]*6 gap L10", "in:3x24x24 [ C16k3p1 IN relu ]*6 gap L10",
    ]:
        yield "cnn", 8, 32, "ce", spec
    for spec in [
        "in:64 L128:kaiming [ ( relu L128:kaiming ) ]*8 relu L10", "in:64 L128 [ ( relu L128 relu L128 ) ]*8 relu L10",
        "in:64 L128 [ ( tanh L128:xavier ) ]*16 tanh L10", "in:64 L128 [ ( BN relu L128 BN relu L128 ) ]*10 BN relu L10",
        "in:64 L128 relu [ ( L128 relu L128 ) relu ]*8 L10", "in:64 L128 BN relu [ ( L128 BN relu L128 BN ) relu ]*8 L10",
        "in:64 L128 [ ( LN L128 gelu L128 ) ]*8 LN L10", "in:64 L128 sigmoid [ ( L128 sigmoid L128 ) sigmoid ]*4 L10",
    ]:
        yield "residual", 8, 64, "ce", spec


def main(path):
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    start = time.time()
    with open(path, "w", newline="\n") as out:
        out.write("network\tfamily\tbatch\tloss\tspec\tlayer\tgradient\tgradient_std\tweight\tweight_std\tscale\tscale_std\tseeds\n")
        for number, (family, seeds, batch, loss, spec) in enumerate(grid()):
            torch.manual_seed(number)
            words = expand(spec)
            draws = torch.tensor([run(words, batch, loss) for _ in range(seeds)])
            mean, std = draws.mean(0), draws.std(0)
            for layer in range(mean.shape[1]):
                values = "\t".join(f"{mean[q, layer]:.4f}\t{std[q, layer]:.4f}" for q in range(3))
                singles = ";".join(f"{d[0, 0]:.4f},{d[1, 0]:.4f}" for d in draws) if layer == 0 else ""
                out.write(f"{number}\t{family}\t{batch}\t{loss}\t{spec}\t{layer}\t{values}\t{singles}\n")
            print(f"{time.time() - start:6.1f} s  {family:10} {mean[0, 0]:8.3f} {mean[1, 0]:8.3f}  {spec}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
