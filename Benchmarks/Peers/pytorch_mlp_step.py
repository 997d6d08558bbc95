"""Times a training step of five tanh layers of 1000 at batch 10 in PyTorch and prints one JSON object.

The network of Glorot and Bengio (2010): 1024 inputs, 9 classes, plain SGD, at the paper's batch of 10.
"""

import json
import statistics

import torch
from pytorch_common import WAYS, environment, fastest, milliseconds, parser, prepare
from torch import nn


def network(depth: int, width: int) -> nn.Sequential:
    """`depth` hidden tanh layers of `width` units between 1024 inputs and 9 outputs, Glorot's uniform weights."""
    layers: list[nn.Module] = []
    for index in range(depth):
        layers += [nn.Linear(width if index else 1024, width), nn.Tanh()]
    result = nn.Sequential(*layers, nn.Linear(width, 9))
    for parameter in result.parameters():
        nn.init.xavier_uniform_(parameter) if parameter.dim() > 1 else nn.init.zeros_(parameter)
    return result


def main() -> None:
    flags = parser(__doc__.splitlines()[0])
    flags.add_argument("--depth", type=int, default=5)
    flags.add_argument("--width", type=int, default=1000)
    flags.add_argument("--batch", type=int, default=10)
    flags.add_argument("--steps", type=int, default=500)
    flags.add_argument("--rate", type=float, default=0.01)
    arguments = flags.parse_args()
    prepare(arguments)

    size = arguments.batch
    batches = [(torch.randn(size, 1024), torch.randint(9, (size,))) for _ in range(64)]
    ways = list(WAYS) if arguments.way == "best" else [arguments.way]
    makers = {
        way: lambda w=way: WAYS[w](network(arguments.depth, arguments.width), arguments.rate, 0.0) for way in ways
    }
    best, trials = fastest(makers, batches)
    step = makers[best]()
    milliseconds(step, batches, 50)
    times = sorted(milliseconds(step, batches, arguments.steps))
    print(json.dumps({
        "benchmark": "mlp_step", "way": best, "step_ms_of_each_way": trials,
        "depth": arguments.depth, "width": arguments.width, "batch": size, "steps": arguments.steps,
        "median_ms": statistics.median(times), "fastest_ms": times[0], "p90_ms": times[int(0.9 * len(times))],
        "environment": environment(),
    }))


if __name__ == "__main__":
    main()
