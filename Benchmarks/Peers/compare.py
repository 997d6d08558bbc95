"""Runs the same training work in Ridgeline and in its peers, in turns, and prints medians and ratios.

PyTorch runs as usually written (eager; LeNet-5's epoch also with its DataLoader) and in the fastest way that a short trial
finds on this machine; JAX with its whole step compiled. The contenders take turns because two cores are at times siblings of
one physical core: only neighbours in time compare fairly.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from compare_report import circumstances, markdown, write_section

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


@dataclass
class Contender:
    """A command whose last line of output is a JSON object holding the time under `key`; `wall` is its whole run."""

    name: str
    command: list[str]
    key: str
    samples: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)


@dataclass
class Work:
    """One piece of work, the unit of its time and the ratios to its peers' time and memory that we aim at."""

    name: str
    unit: str
    promised: float
    contenders: list[Contender]
    memory: float | None = None


def run(command: list[str], threads: int, *, has_answer: bool = True) -> dict:
    """The JSON object on the last line of the command's output, and the seconds of the whole run; stops where it fails."""
    surroundings = os.environ | {"RIDGELINE_THREADS": str(threads)}
    begin = time.perf_counter()
    result = subprocess.run(command, capture_output=True, text=True, env=surroundings, check=False)
    seconds = time.perf_counter() - begin
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\nexited with {result.returncode}:\n{result.stderr[-2000:]}")
    if not has_answer:
        return {"wall": seconds}
    try:
        return json.loads(result.stdout.strip().splitlines()[-1]) | {"wall": seconds}
    except (IndexError, json.JSONDecodeError) as error:
        raise SystemExit(f"{' '.join(command)}\nprinted no JSON on its last line: {error}") from error


def peer(script: str, *flags: str) -> list[str]:
    return [sys.executable, str(HERE / script), *flags]


def epoch(arguments: argparse.Namespace) -> Work:
    """An epoch of LeNet-5 on MNIST, data included."""
    shared = ["--threads", str(arguments.threads), "--seed", str(arguments.seed)]
    data = ["--data-directory", str(arguments.data_directory)]
    epochs = ["--epochs", str(arguments.epochs), "--batch", "64"]
    script = ["pytorch_lenet5_epoch.py", *data, *epochs, *shared]
    eager = ["--way", "eager", "--layout", "contiguous"]
    way, layout = run(peer(*script), arguments.threads)["way"].split("/")
    train = [str(arguments.ridgeline), "train", "lenet5", "--variant", "modern", "--dataset", "mnist", *data, *epochs]
    return Work("LeNet-5 epoch of MNIST, batch 64", "s", 0.22, [
        Contender("ridgeline", [*train, "--seed", str(arguments.seed), "--json"], "seconds_per_epoch"),
        Contender("pytorch eager, DataLoader", peer(*script, *eager, "--loader"), "seconds_per_epoch"),
        Contender("pytorch eager", peer(*script, *eager), "seconds_per_epoch"),
        Contender(f"pytorch {way}/{layout}", peer(*script, "--way", way, "--layout", layout), "seconds_per_epoch"),
    ])


def step(
    arguments: argparse.Namespace, model: str, batch: int, steps: int, promised: float, *, inference: bool = False,
    memory: float | None = None, jax: bool = False,
) -> Work:
    """A training step or an inference on random data."""
    shared = ["--batch", str(batch), "--threads", str(arguments.threads), "--seed", str(arguments.seed)]
    kind = ["--inference"] if inference else []
    script = ["pytorch_step.py", "--model", model, *kind, *shared]
    found = run(peer(*script, "--steps", "1", "--trial-steps", str(max(2, min(200, steps)))), arguments.threads)
    count = ["--steps", str(steps)]
    ways = dict.fromkeys(["eager/contiguous", found["way"]])
    ours = [str(arguments.ridgeline), "benchmark", "step", "--model", model, *kind, *shared, *count, "--json"]
    contenders = [Contender("ridgeline", ours, "median_ms")]
    for name in ways:
        way, layout = name.split("/")
        contenders.append(
            Contender(f"pytorch {name}", peer(*script, *count, "--way", way, "--layout", layout), "median_ms"))
    if jax:
        contenders.append(Contender("jax", peer("jax_lenet5_step.py", *shared, *count), "median_ms"))
    name = {"mlp": "5 x 1000 tanh", "lenet5": "LeNet-5", "alexnet": "AlexNet", "vgg16": "VGG-16"}[model]
    what = "inference" if inference else "training step"
    return Work(f"{name} {what}, batch {batch}", "ms", promised, contenders, memory)


def start(arguments: argparse.Namespace) -> Work:
    """A whole process that makes a first step of LeNet-5."""
    flags = ["--model", "lenet5", "--batch", "64", "--steps", "1", "--threads", str(arguments.threads)]
    return Work("LeNet-5, start to first steps, whole process", "s", 0.05, [
        Contender("ridgeline", [str(arguments.ridgeline), "benchmark", "step", *flags], "wall"),
        Contender(
            "pytorch eager", peer("pytorch_step.py", *flags, "--way", "eager", "--layout", "contiguous"), "wall"),
    ])


# By the name on the command line: what is compared, with the ratio that we aim at.
WORKS = {
    "lenet5": lambda a: [epoch(a)],
    "lenet5-steps": lambda a: [
        step(a, "lenet5", 1, 2000, 0.10, jax=True), step(a, "lenet5", 32, 500, 0.25, jax=True),
        step(a, "lenet5", 128, 200, 0.30, jax=True),
    ],
    "mlp": lambda a: [step(a, "mlp", 10, 500, 0.35)],
    "alexnet": lambda a: [step(a, "alexnet", 64, 3, 0.35, memory=0.55)],
    "vgg16": lambda a: [step(a, "vgg16", 8, 3, 0.40, memory=0.55)],
    "vgg16-batch32": lambda a: [step(a, "vgg16", 32, 1, 0.40, memory=0.55)],
    "vgg16-inference": lambda a: [step(a, "vgg16", 8, 5, 0.45, inference=True)],
    "start": lambda a: [start(a)],
}


def ratios(ours: list[float], theirs: list[float]) -> float:
    """The median over the rounds of ours over theirs."""
    return statistics.median(mine / their for mine, their in zip(ours, theirs))


def report(work: Work, rounds: int) -> dict:
    """Prints the medians and the median over the rounds of ours over theirs."""
    print(f"\n{work.name}")
    ours, rows = work.contenders[0], []
    for contender in work.contenders:
        low, middle, high = min(contender.samples), statistics.median(contender.samples), max(contender.samples)
        line = f"  {contender.name:38} {middle:9.3f} {work.unit}  [{low:.3f}, {high:.3f}]"
        row = {"contender": contender.name, "median": middle, "low": low, "high": high, "samples": contender.samples}
        if contender is not ours:
            row["ratio"] = ratios(ours.samples, contender.samples)
            line += f"  ours / theirs {row['ratio']:.3f} ({'within' if row['ratio'] <= work.promised else 'above'} {work.promised})"
        if work.memory is not None:
            row["peak_bytes"] = statistics.median(contender.peaks)
            line += f"  {row['peak_bytes'] / 1e9:.2f} GB"
            if contender is not ours:
                row["memory_ratio"] = ratios(ours.peaks, contender.peaks)
                line += f" ({row['memory_ratio']:.2f}, {'within' if row['memory_ratio'] <= work.memory else 'above'} {work.memory})"
        rows.append(row)
        print(line)
    return {
        "work": work.name, "unit": work.unit, "promised": work.promised, "memory": work.memory, "rounds": rounds,
        "rows": rows,
    } | circumstances()


def read_earlier(path: Path | None) -> list[dict]:
    """What a file holds of earlier measurements, which must be of this machine: others do not belong into one table."""
    if path is None or not path.exists():
        return []
    try:
        earlier = json.loads(path.read_text())
        elsewhere = {result["machine"] for result in earlier} - {circumstances()["machine"]}
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise SystemExit(f"{path} holds no measurements of this program: {error!r}") from error
    if elsewhere:
        raise SystemExit(f"{path} holds measurements of another machine: {', '.join(sorted(elsewhere))}")
    return earlier


def merged(earlier: list[dict], results: list[dict]) -> list[dict]:
    """What was measured now beside what was measured earlier of other work, each in the place that it had first."""
    now = {result["work"]: result for result in results}
    kept = [now.pop(result["work"], result) for result in earlier]
    return kept + list(now.values())


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--work", nargs="+", choices=list(WORKS), default=list(WORKS))
    flags.add_argument("--data-directory", type=Path, default=os.environ.get("RIDGELINE_DATA"),
                       help="the folder of MNIST's IDX files (default: RIDGELINE_DATA, or its folder mnist)")
    flags.add_argument("--ridgeline", type=Path, default=ROOT / ".build/release/ridgeline", help="our executable")
    flags.add_argument("--rounds", type=int, default=5)
    flags.add_argument("--epochs", type=int, default=2, help="epochs a run; a run's time is the median of its epochs")
    flags.add_argument("--threads", type=int, default=2)
    flags.add_argument("--seed", type=int, default=1)
    flags.add_argument("--output", type=Path,
                       help="write every sample as JSON to this file; what it holds of other work stays, so that the works may be "
                       "measured one by one")
    flags.add_argument("--write", type=Path, help="put the table into this file, between its markers (docs/benchmarks.md)")
    arguments = flags.parse_args()
    if "lenet5" in arguments.work:
        if arguments.data_directory is None:
            flags.error("--data-directory or RIDGELINE_DATA must name the folder of MNIST's IDX files")
        arguments.data_directory = Path(arguments.data_directory)
        if (arguments.data_directory / "mnist").is_dir():
            arguments.data_directory /= "mnist"
    if not arguments.ridgeline.exists():
        flags.error(f"{arguments.ridgeline} does not exist: build it with `swift build -c release`")

    if arguments.write and arguments.output is None and set(arguments.work) != set(WORKS):
        flags.error("--write replaces the whole table: name with --output where the other works' measurements are kept")
    earlier = read_earlier(arguments.output)

    if os.getloadavg()[0] > 0.5:
        print(f"The load is {os.getloadavg()[0]:.1f}: other programs share the cores, so do not trust these figures.")
    results = []
    for name in arguments.work:
        for work in WORKS[name](arguments):
            for index in range(arguments.rounds):
                for contender in work.contenders:
                    answer = run(contender.command, arguments.threads, has_answer=contender.key != "wall")
                    contender.samples.append(answer[contender.key])
                    contender.peaks.append(answer.get("peak_rss_bytes", 0))
                    print(f"round {index + 1}: {work.name}: {contender.name}: {contender.samples[-1]:.3f} {work.unit}",
                          flush=True)
            results.append(report(work, arguments.rounds))
    results = merged(earlier, results)
    if arguments.output:
        arguments.output.write_text(json.dumps(results, indent=2) + "\n")
    if arguments.write:
        write_section(arguments.write, markdown(results, arguments.ridgeline, arguments.threads))


if __name__ == "__main__":
    main()
