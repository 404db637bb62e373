"""Measures the development grid below, on which the theory may be tuned, layer by layer, and writes development.tsv.
(What is reported is measured on the grids of draw.py instead.)

    python3 development.py development.tsv

For each weight layer, averaged over seeds of network, data and labels, log10 of
    gradient  root mean square of dL/dz, relative to the output layer; z is the layer's output before normalization and activation
    weight    Frobenius norm of dL/dW, relative to the output layer
    scale     root mean square of z
and the standard deviation of a single seed. `seeds` of the first row of a network lists the single seeds' first-layer gradient and weight.
Float64, because deep nets leave the range of float32. Needs PyTorch, any version since 1.13.
"""
import sys
import time

import torch

from networks import expand, run


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
            draws = torch.tensor([run(words, batch, loss)[:3] for _ in range(seeds)])
            mean, std = draws.mean(0), draws.std(0)
            for layer in range(mean.shape[1]):
                values = "\t".join(f"{mean[q, layer]:.4f}\t{std[q, layer]:.4f}" for q in range(3))
                singles = ";".join(f"{d[0, 0]:.4f},{d[1, 0]:.4f}" for d in draws) if layer == 0 else ""
                out.write(f"{number}\t{family}\t{batch}\t{loss}\t{spec}\t{layer}\t{values}\t{singles}\n")
            print(f"{time.time() - start:6.1f} s  {family:10} {mean[0, 0]:8.3f} {mean[1, 0]:8.3f}  {spec}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
