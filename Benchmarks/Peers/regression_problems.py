"""Writes the regression problems of the comparison, each as one binary file that every contender reads.

Dense columns follow a first-order autoregression, corr(x_j, x_k) = rho^|j - k|, with standard normal marginals. Sparse
ones have entries at uniformly random places, uniform on (0, 1]. The truth has min(100, 5 % of min(n, p)) coefficients
that are not 0, at random places, standard normal; the noise is normal with ||signal - mean|| = 3 ||noise||.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Problem:
    """A shape with its correlation, or its share of entries where it is sparse."""

    name: str
    rows: int
    columns: int
    correlation: float = 0.0
    density: float = 1.0


PROBLEMS = {
    problem.name: problem
    for problem in [
        Problem("wide-200x5000", 200, 5_000),
        Problem("tall-20000x500", 20_000, 500, correlation=0.5),
        Problem("wide-1000x20000", 1_000, 20_000, correlation=0.5),
        Problem("square-5000x5000", 5_000, 5_000, correlation=0.9),
        Problem("wide-536x17322", 536, 17_322, correlation=0.8),
        Problem("sparse-16000x150000", 16_000, 150_000, density=0.008),
        Problem("tall-10000x1000", 10_000, 1_000, correlation=0.5),
    ]
}


def dense(problem: Problem, random: np.random.Generator) -> np.ndarray:
    x = random.standard_normal((problem.columns, problem.rows))
    rho = problem.correlation
    for column in range(1, problem.columns):
        x[column] = rho * x[column - 1] + np.sqrt(1 - rho * rho) * x[column]
    return np.ascontiguousarray(x.T)


def sparse(problem: Problem, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    counts = random.binomial(problem.rows, problem.density, problem.columns)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    indices = np.empty(starts[-1], dtype=np.int32)
    for column, count in enumerate(counts):
        rows = random.choice(problem.rows, count, replace=False, shuffle=False)
        indices[starts[column] : starts[column + 1]] = np.sort(rows)
    return starts, indices, 1 - random.random(starts[-1])


def write(problem: Problem, path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    n, p = problem.rows, problem.columns
    truth = random.choice(p, min(100, max(1, min(n, p) // 20)), replace=False)
    beta = random.standard_normal(truth.size)
    if problem.density < 1:
        starts, indices, values = sparse(problem, random)
        signal = np.zeros(n)
        for column, weight in zip(truth, beta):
            entries = slice(starts[column], starts[column + 1])
            signal[indices[entries]] += weight * values[entries]
        parts, count, kind = [starts, indices, values], values.size, b"RLSPARS1"
    else:
        x = dense(problem, random)
        signal = x[:, truth] @ beta
        parts, count, kind = [x], x.size, b"RLDENSE1"
    noise = random.standard_normal(n)
    noise *= np.linalg.norm(signal - signal.mean()) / (3 * np.linalg.norm(noise))
    with open(path, "wb") as file:
        file.write(kind)
        np.array([n, p, count], dtype=np.int64).tofile(file)
        (signal + noise).tofile(file)
        for part in parts:
            part.tofile(file)


def read(path: Path):
    """The inputs, an array or a scipy.sparse.csc_array, and the target."""
    with open(path, "rb") as file:
        kind = file.read(8)
        n, p, count = np.fromfile(file, np.int64, 3)
        y = np.fromfile(file, np.float64, n)
        if kind == b"RLDENSE1":
            return np.fromfile(file, np.float64, count).reshape(n, p), y
        from scipy.sparse import csc_matrix

        starts = np.fromfile(file, np.int64, p + 1).astype(np.int32)
        indices = np.fromfile(file, np.int32, count)
        return csc_matrix((np.fromfile(file, np.float64, count), indices, starts), shape=(n, p)), y


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--problem", choices=PROBLEMS, action="append", help="all unless told")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    for name in arguments.problem or PROBLEMS:
        path = arguments.directory / f"{name}.bin"
        if not path.exists():
            write(PROBLEMS[name], path, arguments.seed)
        print(path)


if __name__ == "__main__":
    main()
