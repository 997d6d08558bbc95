"""Runs the same training work in Ridgeline and in PyTorch, in turns, and prints medians and ratios.

PyTorch runs as usually written (eager; LeNet-5 also with its DataLoader) and in the fastest way found on this machine.
The contenders take turns because two cores are at times siblings of one physical core: only neighbours in time compare
fairly.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


@dataclass
class Contender:
    """A command whose last line of output is a JSON object holding the time under `key`."""

    name: str
    command: list[str]
    key: str
    samples: list[float] = field(default_factory=list)


@dataclass
class Work:
    """One piece of work, the unit of its time and the ratio to PyTorch's time that we promise."""

    name: str
    unit: str
    promised: float
    contenders: list[Contender]


def run(command: list[str], threads: int) -> dict:
    """The JSON object on the last line of the command's output; stops with its errors when it fails."""
    surroundings = os.environ | {"RIDGELINE_THREADS": str(threads)}
    result = subprocess.run(command, capture_output=True, text=True, env=surroundings, check=False)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\nexited with {result.returncode}:\n{result.stderr[-2000:]}")
    try:
        return json.loads(result.stdout.strip().splitlines()[-1])
    except (IndexError, json.JSONDecodeError) as error:
        raise SystemExit(f"{' '.join(command)}\nprinted no JSON on its last line: {error}") from error


def peer(script: str, *flags: str) -> list[str]:
    return [sys.executable, str(HERE / script), *flags]


def works(arguments: argparse.Namespace) -> list[Work]:
    """The comparisons asked for, PyTorch's fastest way found once beforehand."""
    ours, threads, seed = str(arguments.ridgeline), str(arguments.threads), str(arguments.seed)
    shared = ["--threads", threads, "--seed", seed]
    result = []
    if "lenet5" in arguments.work:
        data = ["--data-directory", str(arguments.data_directory)]
        epochs = ["--epochs", str(arguments.epochs), "--batch", "64"]
        script = ["pytorch_lenet5_epoch.py", *data, *epochs, *shared]
        eager = ["--way", "eager", "--layout", "contiguous"]
        way, layout = run(peer(*script), arguments.threads)["way"].split("/")
        train = [ours, "train", "lenet5", "--variant", "modern", "--dataset", "mnist", *data, *epochs]
        result.append(Work("LeNet-5 epoch of MNIST, batch 64", "s", 0.25, [
            Contender("ridgeline", [*train, "--seed", seed, "--json"], "seconds_per_epoch"),
            Contender("pytorch eager, DataLoader", peer(*script, *eager, "--loader"), "seconds_per_epoch"),
            Contender("pytorch eager", peer(*script, *eager), "seconds_per_epoch"),
            Contender(f"pytorch {way}/{layout}", peer(*script, "--way", way, "--layout", layout), "seconds_per_epoch"),
        ]))
    if "mlp" in arguments.work:
        script = ["pytorch_mlp_step.py", *shared]
        way = run(peer(*script), arguments.threads)["way"]
        step = [ours, "benchmark", "step", "--model", "mlp", "--depth", "5", "--width", "1000", "--batch", "10"]
        result.append(Work("5 x 1000 tanh training step, batch 10", "ms", 0.5, [
            Contender("ridgeline", [*step, *shared, "--json"], "median_ms"),
            Contender("pytorch eager", peer(*script, "--way", "eager"), "median_ms"),
            Contender(f"pytorch {way}", peer(*script, "--way", way), "median_ms"),
        ]))
    return result


def report(work: Work) -> dict:
    """Prints the medians and the median over the rounds of ours over theirs."""
    print(f"\n{work.name}")
    ours, ratios = work.contenders[0], {}
    for contender in work.contenders:
        low, high = min(contender.samples), max(contender.samples)
        line = f"  {contender.name:38} {statistics.median(contender.samples):9.3f} {work.unit}  [{low:.3f}, {high:.3f}]"
        if contender is not ours:
            ratio = statistics.median(mine / their for mine, their in zip(ours.samples, contender.samples))
            ratios[contender.name] = ratio
            line += f"  ours / theirs {ratio:.3f} ({'within' if ratio <= work.promised else 'above'} {work.promised})"
        print(line)
    samples = {contender.name: contender.samples for contender in work.contenders}
    return {"work": work.name, "unit": work.unit, "samples": samples, "ratios": ratios, "promised": work.promised}


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--work", nargs="+", choices=["lenet5", "mlp"], default=["lenet5", "mlp"])
    flags.add_argument("--data-directory", type=Path, default=os.environ.get("RIDGELINE_DATA"),
                       help="the folder of MNIST's IDX files (default: RIDGELINE_DATA, or its folder mnist)")
    flags.add_argument("--ridgeline", type=Path, default=ROOT / ".build/release/ridgeline", help="our executable")
    flags.add_argument("--rounds", type=int, default=5)
    flags.add_argument("--epochs", type=int, default=2, help="epochs a run; a run's time is the median of its epochs")
    flags.add_argument("--threads", type=int, default=2)
    flags.add_argument("--seed", type=int, default=1)
    flags.add_argument("--output", type=Path, help="write every sample as JSON to this file")
    arguments = flags.parse_args()
    if "lenet5" in arguments.work:
        if arguments.data_directory is None:
            flags.error("--data-directory or RIDGELINE_DATA must name the folder of MNIST's IDX files")
        arguments.data_directory = Path(arguments.data_directory)
        if (arguments.data_directory / "mnist").is_dir():
            arguments.data_directory /= "mnist"
    if not arguments.ridgeline.exists():
        flags.error(f"{arguments.ridgeline} does not exist: build it with `swift build -c release`")

    if os.getloadavg()[0] > 0.5:
        print(f"The load is {os.getloadavg()[0]:.1f}: other programs share the cores, so do not trust these figures.")
    chosen = works(arguments)
    for index in range(arguments.rounds):
        for work in chosen:
            for contender in work.contenders:
                sample = run(contender.command, arguments.threads)[contender.key]
                contender.samples.append(sample)
                print(f"round {index + 1}: {work.name}: {contender.name}: {sample:.3f} {work.unit}", flush=True)
    results = [report(work) for work in chosen]
    if arguments.output:
        arguments.output.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
