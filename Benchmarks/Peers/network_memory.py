"""The peak memory and the time of a training step of AlexNet and VGG-16 at full size, in Ridgeline and in PyTorch.

    swift build -c release --product network-parity
    python Benchmarks/Peers/network_memory.py alexnet:64 vgg16:8

Each side is a process of its own that reads the same weights, makes a few steps of SGD with momentum without dropout, and
reports the most memory that it held. What it takes to load the weights is part of it on both sides.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from network_parity import NETWORKS, ROOT, draw, ours
from safetensors.torch import load_file, save_file
from torch.nn import functional


def pytorch(name: str, given: Path, steps: int, rate: float, threads: int) -> dict:
    """The steps in PyTorch, in this process."""
    torch.set_num_threads(threads)
    forward, shapes, _, maps, _, _ = NETWORKS[name]
    tensors = load_file(given)
    images, labels = tensors.pop("images").permute(0, 3, 1, 2).contiguous(), tensors.pop("labels").long()
    leaves = {}
    for layer, shape in shapes().items():
        kernel = tensors.pop(f"{layer}.kernel")
        if len(shape) == 4:
            kernel = kernel.permute(3, 2, 0, 1)
        elif layer == "fc6":
            side = round((shape[1] // maps) ** 0.5)
            kernel = kernel.reshape(side, side, maps, -1).permute(3, 2, 0, 1).reshape(shape)
        else:
            kernel = kernel.t()
        leaves[f"{layer}.kernel"] = kernel.contiguous().requires_grad_()
        leaves[f"{layer}.bias"] = tensors.pop(f"{layer}.bias").requires_grad_()
    optimizer = torch.optim.SGD(leaves.values(), lr=rate, momentum=0.9, fused=True)
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(forward(leaves, images), labels).backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    return {"peak_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "seconds_per_step": min(seconds)}


def last_line(command: list[str]) -> dict:
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", nargs="*", default=["alexnet:64", "vgg16:8"], help="a network and a batch")
    parser.add_argument("--program", default=str(ROOT / ".build/release/network-parity"))
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pytorch", nargs=2, metavar=("NETWORK", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    rate = 1e-6
    if arguments.pytorch:
        name, given = arguments.pytorch
        print(json.dumps(pytorch(name, Path(given), arguments.steps, rate, arguments.threads)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for work in arguments.work:
            name, batch = work.split(":")
            _, shapes, side, maps, _, coherence = NETWORKS[name]
            torch.manual_seed(1)
            given = Path(folder) / "given.safetensors"
            save_file({key: value.contiguous() for key, value in ours(draw(shapes(), coherence), maps).items()} | {
                "images": torch.randn(int(batch), side, side, 3), "labels": torch.randint(1000, (int(batch),)).float(),
            }, given)
            mine = last_line([arguments.program, name, "--given", str(given), "--steps", str(arguments.steps),
                              "--learning-rate", str(rate)])
            theirs = last_line([sys.executable, __file__, "--pytorch", name, str(given), "--steps",
                                str(arguments.steps), "--threads", str(arguments.threads)])
            print(json.dumps({"network": name, "batch": int(batch), "ridgeline": mine, "pytorch": theirs}), flush=True)


if __name__ == "__main__":
    main()
