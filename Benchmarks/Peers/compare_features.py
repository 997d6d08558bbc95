"""VGG-16's features of image files in Ridgeline and PyTorch, in turns, from the same weights and files.

    swift build -c release --product ridgeline
    python Benchmarks/Peers/compare_features.py --images DIR --count 96 --turns 3

Both are whole programs: they read torchvision-shaped weights (random ones, drawn here; Ridgeline's by `ridgeline convert --as
vgg16`), decode the files, bring the shorter side to 256, take the centre of 224, run the network to the rectifier behind its
second dense layer, and write an npz. Each is timed for the whole count and for a few images; the difference is what further
images cost after the start. PyTorch runs in each of the ways that are asked for (`pytorch_features.py`), and its fastest counts.
All features are compared, element by element.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
import torch
import torchvision

from pytorch_features import ENDINGS

ROOT = Path(__file__).resolve().parent.parent.parent
PEER = Path(__file__).resolve().parent / "pytorch_features.py"


def run(command: list[object], threads: int) -> float:
    """The seconds that a program takes, or the end of this one with what it said."""
    names = ["RIDGELINE_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    begin = time.perf_counter()
    result = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False,
        env=os.environ | {name: str(threads) for name in names})
    if result.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {result.stderr}")
    return time.perf_counter() - begin


def features(path: Path) -> tuple[list[str], numpy.ndarray]:
    """The features by the order of the files' names."""
    with numpy.load(path) as archive:
        names = [Path(name).name for name in archive["files"].tobytes().decode().split("\0")]
        order = sorted(range(len(names)), key=names.__getitem__)
        return [names[index] for index in order], archive["features"][order]


def write_weights(path: Path, seed: int) -> None:
    """A state dictionary of torchvision's vgg16 as it is drawn, with biases that are not 0."""
    torch.manual_seed(seed)
    network = torchvision.models.vgg16(weights=None)
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.05)
    torch.save(network.state_dict(), path)


def link_images(source: Path, target: Path, count: int) -> None:
    """`count` files under names of equal length, in two classes, spread over the source's."""
    paths = sorted(path for path in source.rglob("*") if path.suffix.lower() in ENDINGS)
    if len(paths) < count:
        raise SystemExit(f"expected {count} images in {source}, found {len(paths)}")
    for index in range(count):
        path = paths[index * len(paths) // count]
        folder = target / f"class{index % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{index:06}{path.suffix.lower()}").symlink_to(path.resolve())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True, help="a folder with PNG or JPEG files, at any depth")
    parser.add_argument("--count", type=int, default=96)
    parser.add_argument("--few", type=int, default=32, help="the images of the short runs; 0 leaves them out")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batches", default="32", help="PyTorch's batches that are tried, with commas")
    parser.add_argument("--workers", default="1", help="PyTorch's numbers of loading processes that are tried")
    parser.add_argument("--memory", default="channels_last", help="contiguous, channels_last or both")
    parser.add_argument("--own-batch", type=int, help="Ridgeline's batch; its own choice unless told")
    parser.add_argument("--foreign", action="store_true", help="read PyTorch's own file by --as instead of a converted one")
    parser.add_argument("--folder", type=Path, help="where weights are kept from run to run; a gigabyte")
    parser.add_argument("--program", default=str(ROOT / ".build/release/ridgeline"))
    arguments = parser.parse_args()
    counts = [arguments.count] + ([arguments.few] if arguments.few else [])
    with tempfile.TemporaryDirectory(dir=arguments.folder) as temporary:
        folder = Path(temporary)
        kept = arguments.folder or folder
        state, ours = kept / "vgg16.pth", kept / "vgg16.safetensors"
        if not state.exists():
            write_weights(state, 1)
        if not ours.exists():
            run([arguments.program, "convert", state, ours, "--as", "vgg16"], arguments.threads)
        for count in counts:
            link_images(arguments.images, folder / f"images{count}", count)

        def command(name: str, count: int, output: Path) -> list[object]:
            if name == "Ridgeline":
                weights = [state, "--as", "vgg16"] if arguments.foreign else [ours]
                return [arguments.program, "features", "--weights", *weights, "--layer", "fc7", "--images",
                        folder / f"images{count}", "--output", output,
                        *(["--batch", arguments.own_batch] if arguments.own_batch else [])]
            batch, workers, memory = name.split()[1:]
            return [sys.executable, PEER, state, folder / f"images{count}", output, "--batch", batch, "--workers", workers,
                    "--memory", memory, "--threads", arguments.threads]

        ways = itertools.product(*(text.split(",") for text in (arguments.batches, arguments.workers, arguments.memory)))
        names = ["Ridgeline"] + ["PyTorch " + " ".join(way) for way in ways]
        seconds: dict[tuple[str, int], list[float]] = {(name, count): [] for name in names for count in counts}
        for _ in range(arguments.turns):
            for count in counts:
                for place, name in enumerate(names):
                    output = folder / f"{place}-{count}.npz"
                    seconds[name, count].append(run(command(name, count, output), arguments.threads))
        medians = {key: statistics.median(times) for key, times in seconds.items()}
        for name in names:
            whole = medians[name, arguments.count]
            text = f"{name:32} {arguments.count} images {whole:.2f} s, {arguments.count / whole:.2f} images/s"
            if arguments.few:
                further = (arguments.count - arguments.few) / (whole - medians[name, arguments.few])
                text += f"; after the start {further:.2f} images/s"
            print(text, "(" + " ".join(f"{time:.2f}" for time in seconds[name, arguments.count]) + ")", flush=True)
        best = min(names[1:], key=lambda name: medians[name, arguments.count])
        whole = medians[best, arguments.count] / medians["Ridgeline", arguments.count]
        print(f"images a second over PyTorch's ({best}): whole {whole:.2f}", end="")
        if arguments.few:
            rest = [medians[name, arguments.count] - medians[name, arguments.few] for name in (best, "Ridgeline")]
            print(f", after the start {rest[0] / rest[1]:.2f}", end="")
        own_names, own = features(folder / f"0-{arguments.count}.npz")
        wanted_names, wanted = features(folder / f"{names.index(best)}-{arguments.count}.npz")
        if own_names != wanted_names or own.shape != wanted.shape:
            raise SystemExit("\nthe two wrote features of other files or of other shapes")
        # What a rectifier cuts near 0 has no relative size; the scale is the image's largest feature.
        gap = (abs(own - wanted) / abs(wanted).max(axis=1, keepdims=True)).max()
        active = wanted > 1e-2 * wanted.max(axis=1, keepdims=True)
        own_gap = (abs(own - wanted)[active] / wanted[active]).max()
        print(f"\n{own.size} features: largest difference over the image's largest feature {gap:.1e}, "
              f"relative of those above a hundredth of it {own_gap:.1e}")
        sys.exit(not gap <= 1e-4)


if __name__ == "__main__":
    main()
