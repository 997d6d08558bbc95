"""AlexNet and VGG-16 in Ridgeline and in PyTorch on the same weights: logits, gradients, and losses along 20 steps.

    swift build -c release --product network-parity
    python Benchmarks/Peers/network_parity.py alexnet vgg16

The weights are drawn here, written as safetensors in Ridgeline's layouts (kernels HWIO, dense kernels [inputs, units] over
a flattened [rows, columns, channels]), and read by `network-parity`. Dropout is off on both sides. The PyTorch networks are
written out below from the papers' tables, layer by layer. Images have the scale of pixels, so that AlexNet's normalization
divides by something.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional

ROOT = Path(__file__).resolve().parent.parent.parent

Parameters = dict[str, torch.Tensor]


def kernel(x: torch.Tensor) -> torch.Tensor:
    """OIHW as HWIO."""
    return x.permute(2, 3, 1, 0)


def dense(x: torch.Tensor, maps: int | None = None) -> torch.Tensor:
    """[units, inputs] as [inputs, units]; behind a flattened image of `maps` maps, CHW as HWC."""
    if maps is None:
        return x.t()
    side = round((x.shape[1] // maps) ** 0.5)
    return x.reshape(-1, maps, side, side).permute(2, 3, 1, 0).reshape(x.shape[1], -1)


def response(x: torch.Tensor) -> torch.Tensor:
    """The paper's normalization; PyTorch divides alpha by the size."""
    return functional.local_response_norm(x, 5, alpha=5 * 1e-4, beta=0.75, k=2.0)


def alexnet(p: Parameters, x: torch.Tensor) -> torch.Tensor:
    def convolve(x, name, **options):
        return torch.relu(functional.conv2d(x, p[f"{name}.kernel"], p[f"{name}.bias"], **options))

    def pool(x):
        return functional.max_pool2d(x, 3, 2)

    x = pool(response(convolve(x, "conv1", stride=4)))
    x = pool(response(convolve(x, "conv2", padding=2, groups=2)))
    x = convolve(x, "conv3", padding=1)
    x = convolve(x, "conv4", padding=1, groups=2)
    return head(p, pool(convolve(x, "conv5", padding=1, groups=2)))


def vgg16(p: Parameters, x: torch.Tensor) -> torch.Tensor:
    for block, depth in enumerate((2, 2, 3, 3, 3), 1):
        for position in range(1, depth + 1):
            name = f"conv{block}_{position}"
            x = torch.relu(functional.conv2d(x, p[f"{name}.kernel"], p[f"{name}.bias"], padding=1))
        x = functional.max_pool2d(x, 2)
    return head(p, x)


def head(p: Parameters, x: torch.Tensor) -> torch.Tensor:
    x = torch.relu(functional.linear(x.flatten(1), p["fc6.kernel"], p["fc6.bias"]))
    x = torch.relu(functional.linear(x, p["fc7.kernel"], p["fc7.bias"]))
    return functional.linear(x, p["fc8.kernel"], p["fc8.bias"])


def alexnet_shapes() -> dict[str, tuple[int, ...]]:
    return {"conv1": (96, 3, 11, 11), "conv2": (256, 48, 5, 5), "conv3": (384, 256, 3, 3), "conv4": (384, 192, 3, 3),
            "conv5": (256, 192, 3, 3), "fc6": (4096, 9216), "fc7": (4096, 4096), "fc8": (1000, 4096)}


def vgg16_shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    channels = 3
    for block, (maps, depth) in enumerate(zip((64, 128, 256, 512, 512), (2, 2, 3, 3, 3)), 1):
        for position in range(1, depth + 1):
            shapes[f"conv{block}_{position}"] = (maps, channels, 3, 3)
            channels = maps
    return shapes | {"fc6": (4096, 25088), "fc7": (4096, 4096), "fc8": (1000, 4096)}


# What is promised: relative to the largest logit, in norm for every parameter's gradient, and for the loss of every step.
LIMITS = {"logits_relative": 1e-4, "gradient_relative_worst": 1e-3, "loss_relative_worst": 1e-3}

# The network, its parameters' shapes, an image's side, the maps before the dense layers, a rate at which it learns, and how
# its weights are drawn.
NETWORKS: dict[str, tuple[Callable, Callable, int, int, float, float]] = {
    "alexnet": (alexnet, alexnet_shapes, 227, 256, 3e-6, 0),
    "vgg16": (vgg16, vgg16_shapes, 224, 512, 1e-4, 3),
}


def draw(shapes: dict[str, tuple[int, ...]], coherence: float) -> Parameters:
    """Weights of deviation sqrt(2 / fan-in), which keeps the images' scale, but small logits, and small biases.

    A deep network of such weights has gradients that are sums of cancelling numbers: where a rectifier or a maximum decides
    between two values that are equal but for rounding, the two sides may decide apart, and in single precision PyTorch's
    own gradients are then some thousandths from those in double precision (--exact shows it). With `coherence` the weights
    of convolutions behind the first have the mean 1 / fan-in beside a deviation of 1 / (coherence * sqrt(fan-in)), which
    keeps the scale too and makes the gradients sums of numbers that add up.
    """
    parameters = {}
    for name, shape in shapes.items():
        fan_in = float(numpy.prod(shape[1:]))
        weights = torch.randn(shape)
        if name == "fc8":
            weights *= 0.01 if coherence else 0.001
        elif coherence and len(shape) == 4 and shape[1] > 3:
            weights = weights / (coherence * fan_in**0.5) + 1 / fan_in
        else:
            weights *= (2 / fan_in) ** 0.5
        parameters[f"{name}.kernel"] = weights
        parameters[f"{name}.bias"] = torch.randn(shape[0]) * 0.05
    return parameters


def ours(parameters: Parameters, maps: int) -> Parameters:
    """The same parameters, or their gradients, in Ridgeline's layouts."""
    def layout(name: str, x: torch.Tensor) -> torch.Tensor:
        if x.dim() == 1:
            return x
        return kernel(x) if x.dim() == 4 else dense(x, maps if name.startswith("fc6") else None)

    return {name: layout(name, x) for name, x in parameters.items()}


def relative(found: torch.Tensor, wanted: torch.Tensor) -> float:
    """||found - wanted|| / ||wanted||."""
    found, wanted = found.double(), wanted.double()
    return float((found - wanted).norm() / wanted.norm())


def compare(name: str, arguments: argparse.Namespace, folder: Path) -> dict:
    forward, shapes, side, maps, rate, coherence = NETWORKS[name]
    coherence = coherence if arguments.coherence is None else arguments.coherence
    rate = arguments.rate or rate
    torch.manual_seed(arguments.seed)
    # Pixels for AlexNet, whose normalization would have nothing to do on numbers around 1.
    scale = 60.0 if name == "alexnet" else 1.0
    parameters = draw(shapes(), coherence)
    # Smooth, as photographs are: on noise the gradients of the first layers are sums of numbers that cancel.
    images = functional.interpolate(
        torch.randn(arguments.batch, 3, 14, 14), size=(side, side), mode="bicubic", align_corners=False) * scale
    labels = torch.randint(1000, (arguments.batch,))
    given, results = folder / f"{name}-given.safetensors", folder / f"{name}-results.safetensors"
    tensors = ours(parameters, maps) | {"images": images.permute(0, 2, 3, 1), "labels": labels.float()}
    save_file({key: value.contiguous() for key, value in tensors.items()}, given)
    del tensors
    subprocess.run(
        [arguments.program, name, "--given", str(given), "--output", str(results), f"--steps={arguments.steps}",
         f"--learning-rate={rate}", f"--momentum={arguments.momentum}"], check=True)
    given.unlink()
    found = load_file(results)
    results.unlink()

    leaves = {key: value.requires_grad_() for key, value in parameters.items()}
    logits = forward(leaves, images)
    gradients = dict(zip(leaves, torch.autograd.grad(functional.cross_entropy(logits, labels), list(leaves.values()))))
    differences = {key: relative(found[f"gradient/{key}"], value) for key, value in ours(gradients, maps).items()}
    assert len(found) == len(differences) + 2, sorted(found)
    worst = max(differences, key=differences.get)
    report = {
        "network": name, "batch": arguments.batch, "input": side,
        "logits_relative": float((found["logits"] - logits.detach()).abs().max() / logits.detach().abs().max()),
        "gradient_relative_worst": differences[worst], "gradient_worst": worst, "gradients": len(differences),
    }
    found_losses = found["losses"].tolist()
    if arguments.exact:
        exact = dict(zip(leaves, torch.autograd.grad(
            functional.cross_entropy(forward({key: value.double() for key, value in leaves.items()}, images.double()),
                                     labels), list(leaves.values()))))
        report["gradient_worst_of_pytorch_to_double"] = max(relative(gradients[key], exact[key]) for key in leaves)
        report["gradient_worst_to_double"] = max(
            relative(found[f"gradient/{key}"], value) for key, value in ours(exact, maps).items())
        del exact
    del found, gradients
    optimizer = torch.optim.SGD(leaves.values(), lr=rate, momentum=arguments.momentum)
    losses = []
    for step in range(arguments.steps + 1):
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(forward(leaves, images), labels)
        losses.append(loss.item())
        if step < arguments.steps:
            loss.backward()
            optimizer.step()
    apart = [abs(a - b) / abs(b) for a, b in zip(found_losses, losses, strict=True)]
    if not all(map(numpy.isfinite, apart)):
        apart = [float("inf")]
    return report | {
        "rate": rate, "loss_first": losses[0], "loss_last": losses[-1], "loss_relative_worst": max(apart),
        "steps": arguments.steps, "torch": torch.__version__,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="+", choices=sorted(NETWORKS))
    parser.add_argument("--program", default=str(ROOT / ".build/release/network-parity"))
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--coherence", type=float, help="how weights are drawn: the network's own, or 0 for plain He")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--exact", action="store_true", help="also how far both gradients are from those in double precision")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.networks:
            report = compare(name, arguments, Path(folder))
            print(json.dumps(report), flush=True)
            failed |= not all(report[key] <= limit for key, limit in LIMITS.items())
    sys.exit(failed)


if __name__ == "__main__":
    main()
