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

One of a sequence begins with
    seq:50x32           50 steps or tokens of 32 features; L and LN act on each of them
    RNN64 RELU64 LSTM64 GRU64
                        recurrent layer with 64 hidden units, then any of :bi (both directions), :orthogonal (weight_hh, each gate's block by
                        itself), :whole (orthogonal, all gates as one matrix), :identity (weight_hh), :xavier (weight_ih and weight_hh), :zero or
                        :none (biases), :memory1 (added to the forget gate's bias of an LSTM, the update gate's of a GRU)
    MHA4                self-attention with four heads, torch.nn.MultiheadAttention
    ENC4f128:gelu       torch.nn.TransformerEncoderLayer: heads, feed-forward width, activation; dropout 0
    last, mean          the last step, the mean over the steps
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


GATES = {"RNN": 1, "RELU": 1, "LSTM": 4, "GRU": 3}


def recurrent(word, inputs):
    """The module of a word such as LSTM64:memory1."""
    shape, *options = word.split(":")
    cell, hidden = re.fullmatch(r"([A-Z]+)(\d+)", shape).groups()
    gates, hidden = GATES[cell], int(hidden)
    kind = {"RNN": nn.RNN, "RELU": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}[cell]
    module = kind(inputs, hidden, bias="none" not in options, bidirectional="bi" in options, batch_first=True,
                  **({"nonlinearity": "relu"} if cell == "RELU" else {}))
    memory = sum(float(o[6:]) for o in options if o.startswith("memory"))
    with torch.no_grad():
        for name, p in module.named_parameters():
            if name.startswith("weight") and "xavier" in options:
                nn.init.xavier_uniform_(p)
            if name.startswith("weight_hh"):
                if "orthogonal" in options:
                    for block in p.chunk(gates):
                        block.copy_(nn.init.orthogonal_(torch.empty(hidden, hidden)))
                elif "whole" in options:
                    nn.init.orthogonal_(p)
                elif "identity" in options:
                    nn.init.eye_(p)
            if name.startswith("bias") and "zero" in options:
                p.zero_()
            if name.startswith("bias_ih"):
                p[hidden:2 * hidden] += memory
    return module


def run(words, batch, loss):
    """One draw: three lists, a value for each weight layer, and, for a network with a recurrent layer, log10 of ||dL/dx|| of the first
    recurrent layer's input at every step, relative to the last (None for others)."""
    kind, _, shape = words[0].partition(":")
    sizes = [int(n) for n in shape.split("x")]
    x = torch.randn(batch, *sizes)
    outputs, layers, skips, sequence = [], [], [], None
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
        elif (match := re.match(r"(RNN|RELU|LSTM|GRU)\d", word)):
            if sequence is None:
                sequence = x if x.requires_grad else x.requires_grad_()
                sequence.retain_grad()
            layer = recurrent(word, x.shape[-1])
            x, _ = layer(x)
            x.retain_grad()
            outputs.append(x)
            layers.append(layer)
        elif word.startswith("MHA"):
            layer = nn.MultiheadAttention(x.shape[-1], int(word[3:]), batch_first=True)
            x, _ = layer(x, x, x)
            x.retain_grad()
            outputs.append(x)
            layers.append(layer)
        elif word.startswith("ENC"):
            heads, feed_forward, activation = re.fullmatch(r"ENC(\d+)f(\d+):(\w+)", word).groups()
            layer = nn.TransformerEncoderLayer(x.shape[-1], int(heads), int(feed_forward), 0.0, activation, batch_first=True)
            x = layer(x)
            x.retain_grad()
            outputs.append(x)
            layers.append(layer)
        elif word == "last":
            x = x[:, -1]
        elif word == "mean":
            x = x.mean(1)
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
        # Each step of a sequence that nothing has reduced has a loss of its own.
        x = x.reshape(-1, classes)
        value = F.cross_entropy(x, torch.randint(0, classes, x.shape[:1]))
    elif loss == "mse":
        value = F.mse_loss(x, torch.randn_like(x))
    elif loss == "bce":
        value = F.binary_cross_entropy_with_logits(x, torch.randint(0, 2, x.shape).to(x.dtype))
    else:
        raise ValueError(loss)
    value.backward()
    log = lambda t: math.log10(max(t.double().square().mean().sqrt().item(), 1e-320))
    gradient = [log(z.grad) for z in outputs]
    first = [next(p for p in m.parameters() if p.dim() > 1) for m in layers]
    weight = [log(w.grad) + math.log10(w.numel()) / 2 for w in first]
    over_time = None
    if sequence is not None:
        norms = sequence.grad.square().mean((0, 2)).sqrt().clamp_min(1e-320).log10()
        over_time = (norms - norms[-1]).tolist()
    return [g - gradient[-1] for g in gradient], [w - weight[-1] for w in weight], [log(z) for z in outputs], over_time
