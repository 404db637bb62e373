"""Networks written as words, and one measured draw of each by PyTorch's autograd. No formula of GradLint is used here.

A network is written as words:
    in:64, in:3x32x32   the input: independent N(0, 1) entries
    L64:kaiming:zero    Linear(.., 64), weight initializer, bias initializer (default; zero; none)
    C8k3s2p1g2:default  convolution with 8 channels, kernel 3, stride 2, padding 1, groups 2; one- or two-dimensional as the input
    BN LN GN4 IN        normalization (LN over the features), in training mode
    drop0.5 max2 max3s2 avg2 gap flat, relu, leaky_relu(0.2) ...
    [ .. ]*12           repeated
    ( .. )              residual: x + f(x)
    ( .. | .. )         two branches of the same x, added: f(x) + g(x)
"""
import math
import re

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
            skips.append([x, None])
        elif word == "|":
            x, skips[-1][1] = skips[-1][0], x
        elif word == ")":
            entered, branch = skips.pop()
            x = x + (entered if branch is None else branch)
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
