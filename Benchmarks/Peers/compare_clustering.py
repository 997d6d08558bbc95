"""k-means and PCA of MNIST's 60,000 images in Ridgeline and scikit-learn, in turns, from the same data and starts.

Both get the images as 32-bit numbers from 0 to 1, two threads, and, for k-means, the same ten starting centers. Inertias are
recomputed from both sets of centers in 64-bit numbers; components are compared up to sign with scikit-learn's of every setting,
and all with its in 64-bit numbers. Its PCA runs with every solver of `--solvers`, in 32-bit numbers and, the faster ones, in
64-bit numbers; the time ratio is to the fastest in 32.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from mnist_idx import read_mnist

ROOT = Path(__file__).resolve().parent.parent.parent

PEER = """
import json, sys, time
import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
task, points, starts, k, output, solver, precision = sys.argv[1:]
x = np.fromfile(points, np.float32).reshape(-1, 784).astype(precision)
begin = time.perf_counter()
if task == "kmeans":
    start = np.fromfile(starts, np.float32).reshape(int(k), 784)
    fit = KMeans(int(k), init=start, n_init=1).fit(x)
else:
    fit = PCA(int(k), svd_solver=solver).fit(x)
seconds = time.perf_counter() - begin
result = fit.cluster_centers_ if task == "kmeans" else fit.components_
result.astype(np.float32).tofile(output)
more = {"inertia": float(fit.inertia_), "iterations": int(fit.n_iter_)} if task == "kmeans" else {}
print(json.dumps({"seconds": seconds} | more))
"""


def run(command: list[str], threads: int) -> dict:
    names = ["RIDGELINE_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    surroundings = os.environ | {name: str(threads) for name in names}
    result = subprocess.run(command, capture_output=True, text=True, env=surroundings, check=False)
    if result.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {result.stderr}")
    return json.loads(result.stdout.splitlines()[-1])


def inertia(x: np.ndarray, centers: np.ndarray) -> float:
    """The sum of the squared distances to the nearest center, in 64-bit numbers."""
    centers = centers.astype(np.float64)
    total = 0.0
    for rows in np.array_split(x, 20):
        rows = rows.astype(np.float64)
        squares = ((rows**2).sum(1)[:, None] - 2 * rows @ centers.T) + (centers**2).sum(1)
        total += np.minimum.reduce(squares, axis=1).sum()
    return total


def gap(components: np.ndarray, others: np.ndarray) -> float:
    """The largest difference of an element, up to the sign of each component."""
    signs = np.sign((components * others).sum(1))[:, None]
    return float(np.abs(signs * components - others).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-directory", type=Path, required=True, help="the folder of MNIST's four IDX files")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tasks", default="kmeans,pca", help="kmeans, pca or both")
    parser.add_argument("--k", type=int, default=10, help="clusters")
    parser.add_argument("--components", type=int, default=50)
    parser.add_argument("--solvers", default="auto,covariance_eigh", help="scikit-learn's, for the PCA")
    arguments = parser.parse_args()
    ours = ROOT / ".build" / "release" / "clustering-timing"
    images, _ = read_mnist(arguments.data_directory, "train")
    x = (images.reshape(len(images), -1) / np.float32(255)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        points, starts = f"{folder}/x", f"{folder}/starts"
        x.tofile(points)
        x[np.random.default_rng(0).choice(len(x), arguments.k, replace=False)].tofile(starts)
        for task in arguments.tasks.split(","):
            k = arguments.k if task == "kmeans" else arguments.components
            peer = [sys.executable, "-c", PEER, task, points, starts, str(k)]
            commands = {
                "Ridgeline": [str(ours), task, "--points", points, "--rows", str(len(x)), "--columns", "784",
                              "--centers", starts, "--k", str(k), "--output", f"{folder}/Ridgeline"],
            }
            if task == "kmeans":
                commands["scikit-learn"] = [*peer, f"{folder}/scikit-learn", "auto", "float32"]
            else:
                kinds = [(solver, "float32") for solver in arguments.solvers.split(",")]
                for solver, precision in [*kinds, ("covariance_eigh", "float64")]:
                    name = f"scikit-learn {solver} {precision}"
                    commands[name] = [*peer, f"{folder}/{name}", solver, precision]
            records: dict[str, list[dict]] = {name: [] for name in commands}
            for _ in range(arguments.turns):
                for name, command in commands.items():
                    records[name].append(run(command, arguments.threads))
            results = {name: np.fromfile(f"{folder}/{name}", np.float32).reshape(k, 784) for name in commands}
            medians = {name: statistics.median(r["seconds"] for r in runs) for name, runs in records.items()}
            for name, runs in records.items():
                times = " ".join(f"{record['seconds']:.3f}" for record in runs)
                more = {key: value for key, value in runs[-1].items() if key not in ("seconds", "explained")}
                print(f"{task:7} {name:36} median {medians[name]:.3f} s ({times}) {more}")
            fastest = min((name for name in medians if name != "Ridgeline" and "64" not in name), key=medians.get)
            print(f"{task:7} time ratio {medians['Ridgeline'] / medians[fastest]:.3f} to {fastest}")
            if task == "kmeans":
                sums = {name: inertia(x, centers) for name, centers in results.items()}
                print(f"{task:7} inertia {sums}, ratio - 1: {sums['Ridgeline'] / sums['scikit-learn'] - 1:.2e}")
            else:
                from sklearn.decomposition import PCA

                exact = PCA(k, svd_solver="covariance_eigh").fit(x.astype(np.float64)).components_
                for name, components in results.items():
                    print(f"{task:7} {name:36} to 64-bit components: {gap(components, exact):.2e}, "
                          f"to Ridgeline's: {gap(components, results['Ridgeline']):.2e}")


if __name__ == "__main__":
    main()
