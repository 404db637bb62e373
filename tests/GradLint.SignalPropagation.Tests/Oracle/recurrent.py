"""Measures with PyTorch's autograd how the gradient of recurrent networks fades over time and over layers, and writes recurrent.tsv.

    python3 recurrent.py recurrent.tsv

Needs PyTorch (any version since 1.13); no formula of GradLint is used here. Everything is computed in float64. A network reads a sequence
of independent N(0, 1) vectors, a linear layer with ten outputs reads its last state (or, with `all`, each one), and cross-entropy with
random labels is the loss. Averaged over seeds of network, data and labels, log10 of
    time    ||dL/dx_1|| / ||dL/dx_T||: the first step of the sequence against the last
    layer   root mean square of dL/d(output of the first layer), over all steps, relative to that of the last layer
    scale   root mean square of the last layer's output
and `horizon`, the steps back from the end until ||dL/dx|| has fallen to a thousandth of the last step's (−1: it never does), from the
mean of the logarithm. `seeds` lists time of the single seeds.

A network is written as words: cell (tanh, relu, lstm, gru), i32 (input size), h64 (hidden size), T50 (steps), and
    x3            layers, each a module of its own
    bi            bidirectional
    all           a loss at every step
    orthogonal    weight_hh, each gate's block by itself; orthogonal_whole: all gates as one matrix; identity: weight_hh of an RNN
    xavier        weight_ih and weight_hh by xavier_uniform_
    memory2       added to the forget gate's bias (LSTM) or the update gate's (GRU)
    zero          biases zero; none: no biases
"""
import math
import re
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

GATES = {"tanh": 1, "relu": 1, "lstm": 4, "gru": 3}


def numbers(words):
    return {m[1]: float(m[2]) for w in words if (m := re.fullmatch(r"([a-zA-Z]+)([0-9.]+)", w))}


def layer_of(words, inputs, hidden):
    cell, n = words[0], numbers(words)
    options = dict(bias="none" not in words, bidirectional="bi" in words)
    module = {"tanh": lambda: nn.RNN(inputs, hidden, **options), "relu": lambda: nn.RNN(inputs, hidden, nonlinearity="relu", **options),
              "lstm": lambda: nn.LSTM(inputs, hidden, **options), "gru": lambda: nn.GRU(inputs, hidden, **options)}[cell]()
    with torch.no_grad():
        for name, p in module.named_parameters():
            if name.startswith("weight_hh"):
                if "orthogonal" in words:
                    for block in p.chunk(GATES[cell]):
                        block.copy_(nn.init.orthogonal_(torch.empty(hidden, hidden)))
                elif "orthogonal_whole" in words:
                    nn.init.orthogonal_(p)
                elif "identity" in words:
                    nn.init.eye_(p)
            if name.startswith("weight") and "xavier" in words:
                nn.init.xavier_uniform_(p)
            if name.startswith("bias") and "zero" in words:
                p.zero_()
            if name.startswith("bias_ih") and "memory" in n:
                p[hidden:2 * hidden] += n["memory"]
    return module


def run(words, batch):
    n = numbers(words)
    inputs, hidden, steps, layers = int(n["i"]), int(n["h"]), int(n["T"]), int(n.get("x", 1))
    x = torch.randn(steps, batch, inputs, requires_grad=True)
    outputs, y = [], x
    for _ in range(layers):
        y, _ = layer_of(words, y.shape[-1], hidden)(y)
        y.retain_grad()
        outputs.append(y)
    head = nn.Linear(y.shape[-1], 10)
    logits = head(y).flatten(0, 1) if "all" in words else head(y[-1])
    F.cross_entropy(logits, torch.randint(0, 10, logits.shape[:1])).backward()
    log = lambda t: math.log10(max(t.square().mean().sqrt().item(), 1e-320))
    over_time = x.grad.square().mean((1, 2)).sqrt().clamp_min(1e-320).log10()
    return over_time - over_time[-1], log(outputs[0].grad) - log(outputs[-1].grad), log(outputs[-1])


def grid():
    """(seeds, batch, network)"""
    for i, cell in enumerate(["tanh", "relu", "lstm", "gru"]):
        for j, steps in enumerate([5, 20, 50, 100, 200]):
            hidden = [64, 128, 256][(i + j) % 3]
            inputs = [16, hidden, 32, 8][(i + 2 * j) % 4]
            yield f"{cell} i{inputs} h{hidden} T{steps}"
    for steps, hidden in [(20, 64), (50, 128), (100, 256)]:
        yield f"tanh i32 h{hidden} T{steps} orthogonal"
        yield f"lstm i32 h{hidden} T{steps} memory1"
        yield f"gru i32 h{hidden} T{steps} memory1"
    for network in [
        "relu i32 h128 T50 orthogonal", "relu i32 h128 T50 identity", "relu i16 h64 T100 identity zero", "lstm i32 h128 T50 orthogonal",
        "lstm i32 h128 T100 memory2", "lstm i32 h128 T100 orthogonal memory1", "lstm i16 h64 T50 memory4", "gru i32 h128 T50 orthogonal",
        "gru i32 h128 T100 memory2", "gru i32 h128 T100 orthogonal memory4.6", "lstm i32 h128 T50 orthogonal_whole", "tanh i64 h64 T30 xavier",
        "lstm i64 h64 T30 xavier", "gru i64 h64 T30 xavier", "tanh i128 h128 T40 zero", "lstm i32 h64 T30 none", "lstm i32 h64 T20 bi",
        "gru i32 h64 T20 bi", "tanh i32 h64 T20 bi", "tanh i256 h256 T100", "lstm i256 h256 T100", "gru i256 h256 T100",
        "tanh i32 h64 T20 x3", "relu i32 h64 T20 x3", "lstm i32 h64 T20 x2", "lstm i32 h128 T30 x3", "lstm i64 h64 T50 x6", "gru i32 h64 T20 x2",
        "gru i32 h128 T30 x3", "gru i64 h64 T50 x6", "lstm i32 h64 T20 x3 all", "gru i32 h64 T20 x3 all", "tanh i32 h64 T20 x3 all",
        "lstm i32 h64 T20 x2 bi", "lstm i32 h128 T30 x3 memory1", "tanh i32 h128 T30 x3 orthogonal", "tanh i64 h64 T50 x6", "lstm i32 h32 T50", "tanh i32 h32 T50", "gru i32 h32 T50",
    ]:
        yield network


def main(path):
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    start = time.time()
    with open(path, "w", newline="\n") as out:
        out.write("network\tbatch\ttime\ttime_std\tlayer\tlayer_std\tscale\thorizon\tseeds\n")
        for number, network in enumerate(grid()):
            torch.manual_seed(number)
            words = network.split()
            # Without gates the draws of long sequences scatter by decades.
            seeds, batch = 60 if words[0] in ("tanh", "relu") else 8 if numbers(words)["h"] >= 256 else 20, 16
            draws = [run(words, batch) for _ in range(seeds)]
            over_time = torch.stack([d[0] for d in draws])
            mean = over_time.mean(0)
            below = [back for back in range(1, len(mean)) if mean[-1 - back] <= -3]
            layer = torch.tensor([d[1] for d in draws])
            scale = sum(d[2] for d in draws) / seeds
            single = ";".join(f"{t[0]:.4f}" for t in over_time)
            out.write(f"{network}\t{batch}\t{mean[0]:.4f}\t{over_time[:, 0].std():.4f}\t{layer.mean():.4f}\t{layer.std():.4f}\t{scale:.4f}\t"
                      f"{below[0] if below else -1}\t{single}\n")
            out.flush()
            print(f"{time.time() - start:6.1f} s  {mean[0]:8.3f} {over_time[:, 0].std():6.3f} {layer.mean():8.3f} {below[:1]}  {network}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
