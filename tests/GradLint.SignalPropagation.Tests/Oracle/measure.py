"""Measures with PyTorch's autograd the networks of grid/FAMILY.tsv and writes measured/FAMILY.tsv; no formula of GradLint is used.

    python3 measure.py [--anew] [--shard I/N] [FAMILY ..]

Three quantities of each draw, as log10:
    gradient  root mean square of dL/dz of the first weight layer, relative to the last; z is a layer's output before normalization
              and activation
    weight    Frobenius norm of dL/dW of the first weight layer, relative to the last
    scale     root mean square of z of the last weight layer
and for a network with recurrent layers a fourth:
    time      ||dL/dx_1|| / ||dL/dx_T|| of the input of the first of them, the first step against the last
A row holds the mean and the standard deviation over all draws, and the first 20 draws themselves. Float64, because deep networks leave
the range of float32. A draw depends on nothing but its cell, so that any part can be measured again.

What is in measured/ is not measured again, unless --anew says so. Each cell is kept in artifacts/accuracy when it is done: the work may be stopped
at any time, and --shard 0/2 and --shard 1/2 share it. Needs PyTorch, any version since 1.13.
"""
import hashlib
import os
import statistics
import sys
import time

import torch

from networks import expand, run

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.normpath(os.path.join(HERE, "..", "..", "..", "artifacts", "accuracy"))
KEPT_DRAWS = 20
QUANTITIES = ["gradient", "weight", "scale", "time"]


def header(row):
    count = (len(row.split("\t")) - 5) // 2
    return "\t".join(["batch", "loss", "seeds", "network"] + [f"{q}\t{q}_std" for q in QUANTITIES[:count]] + ["draws"]) + "\n"


def measure(cell):
    """The row of a cell."""
    batch, loss, seeds, network = cell.split("\t")
    words = expand(network)
    torch.manual_seed(int(identity(cell), 16) % 2**31)
    draws = []
    for _ in range(int(seeds)):
        gradient, weight, scale, over_time = run(words, int(batch), loss)
        draws.append([gradient[0], weight[0], scale[-1]] + ([over_time[0]] if over_time else []))
    parts = [cell]
    for values in zip(*draws):
        # A quantity that a family does not have is not a number.
        parts += [text(statistics.fmean(values)), text(statistics.stdev(values))]
    parts.append(";".join(",".join(text(value, 3) for value in draw) for draw in draws[:KEPT_DRAWS]))
    return "\t".join(parts) + "\n"


def text(value, digits=4):
    return "" if value != value else f"{value:.{digits}f}"


def identity(cell):
    return hashlib.sha256(cell.encode()).hexdigest()[:16]


def lines(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as rows:
        return [row.rstrip("\n") for row in rows][1:]


def key(row):
    return "\t".join(row.split("\t")[:4])


def cached(cell):
    path = os.path.join(CACHE, identity(cell) + ".tsv")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as row:
            return row.read()
    return None


def main(arguments):
    anew = "--anew" in arguments
    shard, shards = 0, 1
    if "--shard" in arguments:
        at = arguments.index("--shard")
        shard, shards = (int(n) for n in arguments[at + 1].split("/"))
        del arguments[at:at + 2]
    families = [a for a in arguments if not a.startswith("--")] or sorted(f[:-4] for f in os.listdir(os.path.join(HERE, "grid")))
    os.makedirs(CACHE, exist_ok=True)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    start = time.time()
    for family in families:
        cells = lines(os.path.join(HERE, "grid", family + ".tsv"))
        target = os.path.join(HERE, "measured", family + ".tsv")
        known = {} if anew else {key(row): row + "\n" for row in lines(target)}
        for cell in cells[shard::shards]:
            if cell in known or cached(cell):
                continue
            row = measure(cell)
            path = os.path.join(CACHE, identity(cell) + ".tsv")
            with open(path + ".part", "w", newline="\n") as out:
                out.write(row)
            os.replace(path + ".part", path)
            print(f"{time.time() - start:7.1f} s  {family:10} {cell}", flush=True)
        rows = [known.get(cell) or cached(cell) for cell in cells]
        missing = rows.count(None)
        if missing:
            print(f"{family}: {missing} of {len(cells)} networks are still to be measured")
        elif [row.rstrip("\n") for row in rows] != lines(target):
            with open(target, "w", newline="\n") as out:
                out.write(header(rows[0]) + "".join(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
