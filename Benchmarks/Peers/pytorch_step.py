"""Times a training step, or an inference, of a network in PyTorch on random data and prints one JSON object."""

import json
import resource
import statistics

import torch
from pytorch_common import INFERENCE_WAYS, WAYS, environment, fastest, milliseconds, parser, prepare
from pytorch_networks import NETWORKS, batches

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def main() -> None:
    flags = parser(__doc__.splitlines()[0])
    flags.add_argument("--model", choices=list(NETWORKS), required=True)
    flags.add_argument("--batch", type=int, default=64)
    flags.add_argument("--steps", type=int, default=500)
    flags.add_argument("--inference", action="store_true")
    flags.add_argument("--layout", choices=["best", *LAYOUTS], default="best", help="of images in memory")
    flags.add_argument("--trial-steps", type=int, default=200, help="steps of each way, of which the fastest is measured")
    arguments = flags.parse_args()
    prepare(arguments)
    make_network, shape, classes, rate, momentum, decay = NETWORKS[arguments.model]
    data = batches(shape, classes, arguments.batch)
    hasImages = len(shape) == 3

    def make(way: str, layout: str):
        network = make_network()
        if hasImages:
            network = network.to(memory_format=LAYOUTS[layout])
        if arguments.inference:
            return INFERENCE_WAYS[way](network.eval())
        return WAYS[way](network, rate, momentum, decay)

    known = INFERENCE_WAYS if arguments.inference else WAYS
    ways = list(known) if arguments.way == "best" else [arguments.way]
    layouts = ["contiguous"] if not hasImages else list(LAYOUTS) if arguments.layout == "best" else [arguments.layout]
    makers = {f"{way}/{layout}": lambda w=way, l=layout: make(w, l) for way in ways for layout in layouts}
    best, trials = next(iter(makers)), {}
    if len(makers) > 1:
        best, trials = fastest(makers, data, arguments.trial_steps)
    step = makers[best]()
    milliseconds(step, data, min(arguments.steps, 20))
    times = sorted(milliseconds(step, data, arguments.steps))
    print(json.dumps({
        "benchmark": f"{arguments.model}_{'inference' if arguments.inference else 'step'}", "way": best,
        "step_ms_of_each_way": trials, "batch": arguments.batch, "steps": arguments.steps,
        "median_ms": statistics.median(times), "min_ms": times[0],
        "peak_rss_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "environment": environment(),
    }))


if __name__ == "__main__":
    main()
