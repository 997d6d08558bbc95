"""Lasso paths, cross-validation and ridge's leave-one-out in Ridgeline and its peers, in turns, with one judge of every gap.

Each peer runs at its own best settings (regression_peers.py, regression_glmnet.R) and at the loosest tolerance of a coarse
search whose judged gap is at most the one asked for; where none reaches it within the time limit, its best gap stands
beside its time. A ratio is the median of ours over that of the fastest peer that reaches the gap. Peers much slower than the
best are run once.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import sparse

import regression_problems
from regression_judge import Judge

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COUNT, RATIO, GAP = 100, 1e-2, 1e-6
# Seconds of silence before every run. The threads of the judge's BLAS spin for a tenth of a second after its last product: on
# two processors they would slow whoever begins at once, which is ours, since a peer imports its libraries first.
PAUSE = 0.5

# Where the coarse search of each peer begins, half a decade a step, and where it gives up: the first is loosened for as long
# as its gap is small enough, and tightened until it is.
FIRST = {"scikit-learn": 5e-7, "celer": 3e-7, "skglm": 7e-7, "glmnet": 3e-14}
LAST = {"scikit-learn": 5e-8, "celer": 1e-9, "skglm": 7e-9, "glmnet": 1e-17}


def run(command: list[str], threads: int, limit: float | None = None) -> dict | None:
    """The JSON object on the last line; None if the time limit was reached."""
    names = ["RIDGELINE_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"]
    time.sleep(PAUSE)
    surroundings = os.environ | {name: str(threads) for name in names}
    try:
        result = subprocess.run(command, capture_output=True, text=True, env=surroundings, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return None
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\nexited with {result.returncode}:\n{result.stderr[-2000:]}")
    return json.loads(result.stdout.strip().splitlines()[-1])


class Comparison:
    def __init__(self, arguments: argparse.Namespace, name: str):
        self.arguments, self.name = arguments, name
        self.file = arguments.directory / f"{name}.bin"
        if not self.file.exists():
            regression_problems.write(regression_problems.PROBLEMS[name], self.file, arguments.seed)
        x, y = regression_problems.read(self.file)
        self.judge = Judge(x if sparse.issparse(x) else np.asfortranarray(x), y)
        self.lambdas = self.judge.lambdas(COUNT, RATIO)
        self.lambda_file = arguments.directory / f"{name}.lambdas"
        self.lambdas.tofile(self.lambda_file)
        self.output = arguments.directory / f"{name}.coefficients"

    def judged(self, command: list[str], limit: float | None = None) -> dict | None:
        result = run(command, self.arguments.threads, limit)
        if result is None:
            return None
        lambdas, gaps = self.judge.gaps(self.output)
        if len(lambdas) != COUNT or np.abs(lambdas / self.lambdas - 1).max() > 1e-9:
            raise SystemExit(f"{' '.join(command)}\nsolved other lambdas than the {COUNT} asked for")
        return result | {"gap": float(gaps.max())}

    def ours(self, gap: float) -> dict:
        command = [str(self.arguments.timing), "path", str(self.file), "--tolerance", str(gap)]
        return self.judged(command + ["--count", str(COUNT), "--ratio", str(RATIO), "--output", str(self.output)])

    def peer(self, peer: str, tolerance: float, limit: float | None = None) -> dict | None:
        files = [str(self.file), str(self.lambda_file)]
        if peer == "glmnet":
            script = str(HERE / "regression_glmnet.R")
            return self.judged([self.arguments.rscript, script, *files, str(tolerance), str(self.output)], limit)
        command = [sys.executable, str(HERE / "regression_peers.py"), "--peer", peer, "--problem", files[0]]
        command += ["--lambdas", files[1], "--tolerance", str(tolerance), "--output", str(self.output)]
        return self.judged(command, limit)

    def search(self, peer: str) -> dict:
        """The loosest tolerance whose gap is small enough, or the one with the smallest gap there is; an infinite gap and the
        time limit where not even the first trial ended within it."""
        step = 10**0.5
        tolerance = FIRST[peer]
        best = self.trial(peer, tolerance)
        if best is None:
            return {"seconds": self.arguments.limit, "gap": float("inf"), "tolerance": tolerance}
        if best["gap"] <= GAP:
            while (looser := self.trial(peer, best["tolerance"] * step)) and looser["gap"] <= GAP:
                best = looser
            return best
        while best["gap"] > GAP and (tolerance := tolerance / step) >= LAST[peer] * 0.99:
            finer = self.trial(peer, tolerance)
            if finer is None:
                break
            best = min(best, finer, key=lambda trial: trial["gap"])
        return best

    def trial(self, peer: str, tolerance: float) -> dict | None:
        result = self.peer(peer, tolerance, self.arguments.limit)
        return result and result | {"tolerance": tolerance}

    def tolerances(self) -> dict:
        """What the search has found, kept beside the problem so that it is made once."""
        kept = self.arguments.directory / f"{self.name}.tolerances.json"
        found = json.loads(kept.read_text()) if kept.exists() else {}
        for peer in self.arguments.peers:
            if peer not in found:
                found[peer] = self.search(peer)
                kept.write_text(json.dumps(found, indent=1))
                print(f"  {peer}: {found[peer]}", file=sys.stderr)
        return {peer: found[peer] for peer in self.arguments.peers}

    def compare(self) -> dict:
        found = self.tolerances()
        reaching = {peer: trial for peer, trial in found.items() if trial["gap"] <= GAP} or found
        quickest = min(trial["seconds"] for trial in reaching.values())
        samples = {"ours": [self.ours(GAP)], "ours to 1e-12": [self.ours(1e-12)]}
        samples |= {peer: [trial] for peer, trial in found.items()}
        repeated = [peer for peer, trial in reaching.items() if trial["seconds"] <= 3 * quickest]
        for peer in repeated:
            samples[peer] = []
        for name in ["ours", "ours to 1e-12"]:
            samples[name] = []
        for _ in range(self.arguments.rounds):
            samples["ours"].append(self.ours(GAP))
            for peer in repeated:
                samples[peer].append(self.peer(peer, found[peer]["tolerance"]))
            samples["ours to 1e-12"].append(self.ours(1e-12))
        rows = {
            name: {
                "seconds": statistics.median(sample["seconds"] for sample in runs),
                "range": [min(sample["seconds"] for sample in runs), max(sample["seconds"] for sample in runs)],
                "gap": max(sample["gap"] for sample in runs),
                "tolerance": found[name]["tolerance"] if name in found else None,
                "runs": len(runs),
            }
            for name, runs in samples.items()
        }
        # The gaps of the timed runs decide, not those of the search; a peer that was timed but missed is shown all the same.
        reached = [peer for peer in repeated if rows[peer]["gap"] <= GAP] or repeated
        best = min(reached, key=lambda peer: rows[peer]["seconds"])
        last = samples["ours"][-1]
        memory = (last["peak_bytes"] - last["coefficient_bytes"]) / last["input_bytes"]
        return {
            "rows": rows, "best": best, "ratio": rows["ours"]["seconds"] / rows[best]["seconds"],
            "finer": rows["ours to 1e-12"]["seconds"] / rows["ours"]["seconds"], "memory": memory,
            "largest_support": last["largest_support"],
        }


def report(name: str, result: dict) -> None:
    print(f"\n{name}: {result['ratio']:.2f} of {result['best']}; gap 1e-12 costs {result['finer']:.2f} times 1e-6; "
          f"memory {result['memory']:.2f} times the input; largest support {result['largest_support']}")
    for contender, row in sorted(result["rows"].items(), key=lambda item: item[1]["seconds"]):
        tolerance = "" if row["tolerance"] is None else f", tolerance {row['tolerance']:.0e}"
        if row["gap"] == float("inf"):
            print(f"  {contender:14} stopped after {row['seconds']:.0f} s{tolerance}")
            continue
        print(f"  {contender:14} {row['seconds']:9.3f} s ({row['range'][0]:.3f}-{row['range'][1]:.3f}, {row['runs']} runs), "
              f"gap {row['gap']:.1e}{tolerance}")
    sys.stdout.flush()


def selection(arguments: argparse.Namespace) -> dict:
    """Cross-validation and leave-one-out at 10,000 x 1,000, ours and scikit-learn's in turns."""
    name = "tall-10000x1000"
    file = arguments.directory / f"{name}.bin"
    if not file.exists():
        regression_problems.write(regression_problems.PROBLEMS[name], file, arguments.seed)
    timing, peer = str(arguments.timing), [sys.executable, str(HERE / "regression_selection.py"), str(file)]
    works = {
        "cross-validation": ([timing, "cross-validate", str(file), "--count", "100", "--ratio", "0.01"],
                             [*peer, "lasso"], arguments.rounds),
        "leave-one-out": ([timing, "leave-one-out", str(file), "--count", "1000", "--ratio", "1e-6"],
                          [*peer, "ridge"], 1),
    }
    results = {}
    for work, (ours, theirs, rounds) in works.items():
        samples = [[], []]
        for round_number in range(arguments.rounds):
            samples[0].append(run(ours, arguments.threads))
            if round_number < rounds:
                samples[1].append(run(theirs, arguments.threads))
        medians = [statistics.median(sample["seconds"] for sample in side) for side in samples]
        errors = [np.array(side[0]["errors"]) for side in samples]
        difference = float(np.abs(errors[0] / errors[1] - 1).max())
        results[work] = {"ours": medians[0], "scikit-learn": medians[1], "ratio": medians[0] / medians[1],
                         "difference": difference}
        print(f"\n{work}: {medians[0]:.3f} s against {medians[1]:.3f} s, {results[work]['ratio']:.4f}; "
              f"errors differ by {difference:.1e}", flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [name for name in regression_problems.PROBLEMS if name != "tall-10000x1000"]
    parser.add_argument("--problem", choices=[*names, "selection"], action="append", help="all unless told")
    parser.add_argument("--peers", nargs="+", choices=FIRST, default=list(FIRST))
    parser.add_argument("--directory", type=Path, default=Path(tempfile.gettempdir()) / "ridgeline-regression")
    parser.add_argument("--timing", type=Path, default=ROOT / ".build/release/regression-timing")
    parser.add_argument("--rscript", default="Rscript")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=240, help="seconds for one run of the search")
    parser.add_argument("--search-only", action="store_true", help="find the peers' tolerances and stop")
    parser.add_argument("--output", type=Path, help="the results as JSON")
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    results = {}
    for name in arguments.problem or [*names, "selection"]:
        if name == "selection":
            results[name] = selection(arguments)
        elif arguments.search_only:
            Comparison(arguments, name).tolerances()
        else:
            results[name] = Comparison(arguments, name).compare()
            report(name, results[name])
    if arguments.output:
        arguments.output.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
