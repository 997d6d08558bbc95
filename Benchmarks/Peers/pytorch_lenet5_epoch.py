"""Times an epoch of LeNet-5 (tanh, average pooling, softmax) on MNIST in PyTorch and prints one JSON object.

The network, batch and optimizer of `ridgeline train lenet5 --variant modern`. The 60,000 images are tensors in memory
before the clock starts; the clock covers shuffling, gathering each batch and every training step. With --loader the
batches come from PyTorch's DataLoader, as in its tutorials; without it one indexing call gathers a batch, which is faster.
"""

import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from mnist_idx import read_mnist
from pytorch_common import WAYS, environment, fastest, milliseconds, parser, prepare
from pytorch_networks import lenet5

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def load(directory: Path, part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Images [n, 1, 28, 28], standardised, and labels [n]."""
    images, labels = read_mnist(directory, part)
    pixels = torch.from_numpy(images.copy()).float().div_(255).sub_(0.1307).div_(0.3081)
    return pixels.unsqueeze(1), torch.from_numpy(labels.copy()).long()


def gathered(images: torch.Tensor, labels: torch.Tensor, size: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Shuffled batches; the last partial one is left out, as a second shape would recompile inside the clock."""
    order = torch.randperm(len(images))
    for begin in range(0, len(images) - size + 1, size):
        chosen = order[begin : begin + size]
        yield images[chosen], labels[chosen]


def main() -> None:
    flags = parser(__doc__.splitlines()[0])
    flags.add_argument("--data-directory", type=Path, required=True, help="the folder of MNIST's IDX files")
    flags.add_argument("--epochs", type=int, default=1)
    flags.add_argument("--batch", type=int, default=64)
    flags.add_argument("--rate", type=float, default=0.1)
    flags.add_argument("--momentum", type=float, default=0.9)
    flags.add_argument("--layout", choices=["best", *LAYOUTS], default="best")
    flags.add_argument("--loader", action="store_true", help="batches from a DataLoader")
    arguments = flags.parse_args()
    if arguments.epochs < 1:
        flags.error("--epochs must be at least 1")
    prepare(arguments)
    images, labels = load(arguments.data_directory, "train")

    def make(way: str, layout: str):
        network = lenet5().to(memory_format=LAYOUTS[layout])
        return network, WAYS[way](network, arguments.rate, arguments.momentum)

    size = arguments.batch
    sample = [(images[i : i + size], labels[i : i + size]) for i in range(0, 40 * size, size)]
    ways = list(WAYS) if arguments.way == "best" else [arguments.way]
    layouts = list(LAYOUTS) if arguments.layout == "best" else [arguments.layout]
    makers = {f"{way}/{layout}": lambda w=way, l=layout: make(w, l)[1] for way in ways for layout in layouts}
    best, trials = fastest(makers, sample)

    network, step = make(*best.split("/"))
    initial = {name: value.detach().clone() for name, value in network.named_parameters()}
    milliseconds(step, sample, 20)
    for name, value in network.named_parameters():
        value.detach().copy_(initial[name])

    pairs = torch.utils.data.TensorDataset(images, labels)
    loader = torch.utils.data.DataLoader(pairs, batch_size=size, shuffle=True, drop_last=True)
    seconds, loss = [], torch.tensor(float("nan"))
    for _ in range(arguments.epochs):
        start = time.perf_counter()
        for inputs, targets in loader if arguments.loader else gathered(images, labels, size):
            loss = step(inputs, targets)
        seconds.append(time.perf_counter() - start)

    test_images, test_labels = load(arguments.data_directory, "t10k")
    with torch.no_grad():
        wrong = (network(test_images).argmax(1) != test_labels).float().mean().item()
    print(json.dumps({
        "benchmark": "lenet5_epoch", "way": best, "loader": arguments.loader, "step_ms_of_each_way": trials, "batch": size,
        "epochs": arguments.epochs, "seconds_per_epoch": statistics.median(seconds), "seconds": seconds,
        "train_loss": loss.item(), "test_error": wrong, "environment": environment(),
    }))


if __name__ == "__main__":
    main()
