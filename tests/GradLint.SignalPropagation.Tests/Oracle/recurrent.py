"""Measures with PyTorch's autograd how the gradient of recurrent networks fades over time and over layers, and writes recurrent.tsv.

    python3 recurrent.py recurrent.tsv

Needs PyTorch (any version since 1.13). A network is written as in networks.py: it reads a sequence, a linear layer with ten outputs reads its last state
(or, without `last`, each one), and cross-entropy with random labels is the loss. These are the networks that the theory of recurrent layers was developed
on, initializations that no grid has among them; the reported figures come from grid/recurrent.tsv, which was drawn before anything was measured. Averaged
over seeds of network, data and labels, log10 of
    time    ||dL/dx_1|| / ||dL/dx_T||: the first step of the sequence against the last
    layer   root mean square of dL/d(output of the first layer), over all steps, relative to that of the last recurrent layer
    scale   root mean square of the last recurrent layer's output
and `horizon`, the steps back from the end until ||dL/dx|| has fallen to a thousandth of the last step's (−1: it never does), from the
mean of the logarithm. `seeds` lists time of the single seeds.
"""
import re
import sys
import time

import torch

import networks


def grid():
    for i, cell in enumerate(["RNN", "RELU", "LSTM", "GRU"]):
        for j, steps in enumerate([5, 20, 50, 100, 200]):
            hidden = [64, 128, 256][(i + j) % 3]
            inputs = [16, hidden, 32, 8][(i + 2 * j) % 4]
            yield f"seq:{steps}x{inputs} {cell}{hidden} last L10"
    for steps, hidden in [(20, 64), (50, 128), (100, 256)]:
        yield f"seq:{steps}x32 RNN{hidden}:orthogonal last L10"
        yield f"seq:{steps}x32 LSTM{hidden}:memory1 last L10"
        yield f"seq:{steps}x32 GRU{hidden}:memory1 last L10"
    yield from [
        "seq:50x32 RELU128:orthogonal last L10",
        "seq:50x32 RELU128:identity last L10",
        "seq:100x16 RELU64:identity:zero last L10",
        "seq:50x32 LSTM128:orthogonal last L10",
        "seq:100x32 LSTM128:memory2 last L10",
        "seq:100x32 LSTM128:orthogonal:memory1 last L10",
        "seq:50x16 LSTM64:memory4 last L10",
        "seq:50x32 GRU128:orthogonal last L10",
        "seq:100x32 GRU128:memory2 last L10",
        "seq:100x32 GRU128:orthogonal:memory4.6 last L10",
        "seq:50x32 LSTM128:whole last L10",
        "seq:30x64 RNN64:xavier last L10",
        "seq:30x64 LSTM64:xavier last L10",
        "seq:30x64 GRU64:xavier last L10",
        "seq:40x128 RNN128:zero last L10",
        "seq:30x32 LSTM64:none last L10",
        "seq:20x32 LSTM64:bi last L10",
        "seq:20x32 GRU64:bi last L10",
        "seq:20x32 RNN64:bi last L10",
        "seq:100x256 RNN256 last L10",
        "seq:100x256 LSTM256 last L10",
        "seq:100x256 GRU256 last L10",
        "seq:20x32 [ RNN64 ]*3 last L10",
        "seq:20x32 [ RELU64 ]*3 last L10",
        "seq:20x32 [ LSTM64 ]*2 last L10",
        "seq:30x32 [ LSTM128 ]*3 last L10",
        "seq:50x64 [ LSTM64 ]*6 last L10",
        "seq:20x32 [ GRU64 ]*2 last L10",
        "seq:30x32 [ GRU128 ]*3 last L10",
        "seq:50x64 [ GRU64 ]*6 last L10",
        "seq:20x32 [ LSTM64 ]*3 L10",
        "seq:20x32 [ GRU64 ]*3 L10",
        "seq:20x32 [ RNN64 ]*3 L10",
        "seq:20x32 [ LSTM64:bi ]*2 last L10",
        "seq:30x32 [ LSTM128:memory1 ]*3 last L10",
        "seq:30x32 [ RNN128:orthogonal ]*3 last L10",
        "seq:50x64 [ RNN64 ]*6 last L10",
        "seq:50x32 LSTM32 last L10",
        "seq:50x32 RNN32 last L10",
        "seq:50x32 GRU32 last L10",
    ]


def main(path):
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    start, batch = time.time(), 16
    with open(path, "w", newline="\n") as out:
        out.write("network\tbatch\ttime\ttime_std\tlayer\tlayer_std\tscale\thorizon\tseeds\n")
        for number, network in enumerate(grid()):
            torch.manual_seed(number)
            words = networks.expand(network)
            layers = [w for w in words if re.match(r"(RNN|RELU|LSTM|GRU)\d", w)]
            # Without gates the draws of long sequences scatter by decades.
            seeds = 60 if layers[0].startswith("R") else 8 if int(re.search(r"\d+", layers[0])[0]) >= 256 else 20
            draws = [networks.run(words, batch, "ce") for _ in range(seeds)]
            over_time = torch.tensor([d[3] for d in draws])
            mean = over_time.mean(0)
            below = [back for back in range(1, len(mean)) if mean[-1 - back] <= -3]
            layer = torch.tensor([d[0][0] - d[0][len(layers) - 1] for d in draws])
            scale = sum(d[2][len(layers) - 1] for d in draws) / seeds
            single = ";".join(f"{t[0]:.4f}" for t in over_time)
            out.write(f"{network}\t{batch}\t{mean[0]:.4f}\t{over_time[:, 0].std():.4f}\t{layer.mean():.4f}\t{layer.std():.4f}\t{scale:.4f}\t"
                      f"{below[0] if below else -1}\t{single}\n")
            out.flush()
            print(f"{time.time() - start:6.1f} s  {mean[0]:8.3f} {over_time[:, 0].std():6.3f} {layer.mean():8.3f} {below[:1]}  {network}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
