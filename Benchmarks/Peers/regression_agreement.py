"""Fits 200 seeded random regressions with Ridgeline, scikit-learn and glmnet and compares them within the certificate.

Every problem has a kind (tall, wide, sparse, weighted, with penalty factors, bounds, offsets, constant or duplicated columns, of
each family), ten of each. With the objective P in half scale, computed here from the definition for everyone's
coefficients, and our certificate's dual objective D, a fit agrees when

- our certificate is true: its P is the P computed here, its gap is at most the tolerance, and no peer's P lies below D;
- the peer's P lies within both gaps, P_peer - D being the peer's: |P_ours - P_peer| <= (P_ours - D) + (P_peer - D), and
  the peer's gap is at most 1e-7 of half the null deviance (a peer that stops earlier proves nothing and is counted apart);
- fitted values agree one by one: for squared loss within sqrt(2 gap / w_i), both gaps' roots added, as strong convexity
  has it, and in any case within 1e-4 of their spread. They are unique where coefficients (of duplicated columns) are not.

A logistic problem whose free columns separate the classes has no optimum: a linear program says so here, our certificate must
say so, and peers are not asked.

Prints a table by kind and exits with 1 on a disagreement.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FAMILIES = ["gaussian", "binomial", "poisson"]
TOLERANCE, PEER_GAP, FITTED = 1e-12, 1e-7, 1e-4
ROUNDING = 1e-13

# Kind: shape (tall or wide), penalty, and what else is in it.
KINDS = {
    "lasso, tall": ("tall", "lasso", ""),
    "lasso, n < p": ("wide", "lasso", ""),
    "lasso, sparse": ("wide", "lasso", "sparse"),
    "elastic net, tall": ("tall", "net", ""),
    "elastic net, sparse n < p": ("wide", "net", "sparse"),
    "ridge, tall": ("tall", "ridge", ""),
    "ridge, n < p": ("wide", "ridge", ""),
    "ridge, sparse": ("tall", "ridge", "sparse"),
    "weights": ("any", "any", "weights"),
    "penalty factors": ("any", "any", "factors"),
    "non-negative": ("any", "net", "positive"),
    "bounds": ("any", "any", "bounds factors"),
    "constant columns": ("any", "any", "constant"),
    "duplicated columns": ("any", "net", "duplicated"),
    "offsets, no intercept": ("any", "any", "offsets origin"),
    "logistic ridge": ("any", "ridge", "binomial"),
    "logistic": ("any", "any", "binomial weights factors sparse"),
    "Poisson ridge": ("tall", "ridge", "poisson"),
    "Poisson": ("any", "any", "poisson offsets weights"),
    "logistic, bounds, duplicated": ("tall", "net", "binomial bounds duplicated"),
}


@dataclass
class Problem:
    kind: str
    family: int
    intercept: bool
    sparse: bool
    l1: float
    l2: float
    y: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray
    factors: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    x: np.ndarray
    means: np.ndarray = field(init=False)
    scales: np.ndarray = field(init=False)

    def __post_init__(self):
        share = self.weights / self.weights.sum()
        means = share @ self.x
        deviations = np.sqrt(share @ (self.x - means) ** 2)
        constant = np.ptp(self.x, axis=0) == 0
        self.scales = np.where(constant, 1.0, deviations)
        self.means = means if self.intercept else np.zeros_like(means)

    def write(self, path: Path) -> None:
        n, p = self.x.shape
        head = [n, p, self.family, self.intercept, self.sparse, self.l1, self.l2]
        parts = [head, self.y, self.weights, self.offsets, self.factors, self.lower, self.upper, self.x.ravel()]
        np.concatenate([np.asarray(part, dtype=np.float64) for part in parts]).tofile(path)

    def predictors(self, intercept: float, coefficients: np.ndarray) -> np.ndarray:
        return self.offsets + intercept + self.x @ coefficients

    def losses(self, eta: np.ndarray) -> np.ndarray:
        """Half of the unit deviances."""
        y = self.y
        if self.family == 0:
            return 0.5 * (y - eta) ** 2
        if self.family == 1:
            return np.logaddexp(0, eta) - y * eta
        logs = np.where(y > 0, y * np.log(np.where(y > 0, y, 1)), 0)
        return np.exp(eta) - y * eta - y + logs

    def objective(self, intercept: float, coefficients: np.ndarray) -> float:
        b = coefficients * self.scales
        penalty = self.factors @ (self.l1 * np.abs(b) + self.l2 * b * b)
        return float(self.weights @ self.losses(self.predictors(intercept, coefficients)) + 0.5 * penalty)

    def standardised(self) -> np.ndarray:
        return (self.x - self.means) / self.scales


def generate(kind: str, seed: int) -> Problem:
    random = np.random.default_rng([seed, list(KINDS).index(kind)])
    shape, penalty, features = KINDS[kind]
    has = lambda word: word in features.split()
    family = 1 if has("binomial") else 2 if has("poisson") else 0
    if shape == "any":
        shape = random.choice(["tall", "wide"])
    small, large = int(random.integers(2, 25)), int(random.integers(40, 120))
    n, p = (large, small) if shape == "tall" else (int(random.integers(12, 40)), large)
    rho = random.choice([0.0, 0.5, 0.9])
    x = random.standard_normal((n, p))
    for column in range(1, p):
        x[:, column] = rho * x[:, column - 1] + np.sqrt(1 - rho * rho) * x[:, column]
    signal = x[:, random.choice(p, min(4, p), replace=False)] @ random.standard_normal(min(4, p))
    x = x * random.choice([0.1, 1, 10], p) + random.choice([0, 0, 3, -20], p)
    if has("sparse"):
        x[random.uniform(size=x.shape) < 0.7] = 0
        x[0, np.ptp(x, axis=0) == 0] = 1
    if has("constant"):
        x[:, random.choice(p, max(1, p // 8), replace=False)] = random.choice([0, 2.5])
    if has("duplicated") and p > 2:
        for _ in range(max(1, p // 6)):
            first, second = random.choice(p, 2, replace=False)
            x[:, second] = x[:, first] * random.choice([1, 1, -2])
    weights = random.uniform(0.2, 2, n) if has("weights") else np.ones(n)
    offsets = 0.5 * random.standard_normal(n) if has("offsets") else np.zeros(n)
    factors, lower, upper = np.ones(p), np.full(p, -np.inf), np.full(p, np.inf)
    if has("factors"):
        factors = random.choice([0.5, 1, 1, 2, 3], p)
        factors[random.choice(p, min(2, p - 1), replace=False)] = 0
    signal = signal / max(signal.std(), 1e-9)
    if family == 0:
        y = 3 + 2 * signal + offsets + random.standard_normal(n) * random.choice([0.1, 1, 3])
    elif family == 1:
        y = (random.uniform(size=n) < 1 / (1 + np.exp(-signal - offsets))).astype(float)
        y[:2] = [0, 1]
    else:
        y = random.poisson(np.exp(0.5 + 0.6 * signal + offsets)).astype(float)
        y[0] += 1
    intercept = not has("origin")
    problem = Problem(
        kind, family, intercept, has("sparse"), 0, 0, y, weights, offsets, factors, lower, upper, x)
    z, mean = problem.standardised(), weights @ y / weights.sum()
    scores = np.abs(z.T @ (weights * (y - (mean if intercept else 0)))) / np.where(factors > 0, factors, np.inf)
    largest = 2 * max(scores.max(), 1e-3)
    if penalty == "any":
        penalty = random.choice(["lasso", "net"])
    strength = largest * 10 ** random.uniform(-2, -0.2)
    if penalty == "lasso":
        problem.l1 = strength
    elif penalty == "ridge":
        problem.l2 = weights.sum() * 10 ** random.uniform(-2, 1)
    else:
        problem.l1, problem.l2 = strength, weights.sum() * 10 ** random.uniform(-3, 0)
    if has("positive"):
        problem.lower = np.zeros(p)
    if has("bounds"):
        width = np.std(y) / problem.scales
        problem.lower = -width * random.choice([0, 0.05, 0.5, np.inf], p)
        problem.upper = width * random.choice([0.02, 0.3, np.inf], p)
    return problem


def separates(problem: Problem) -> bool:
    """Whether columns without penalty and bounds tell the classes apart, so that the best coefficients are infinite."""
    from scipy.optimize import linprog

    free = (problem.factors == 0) & (problem.lower == -np.inf) & (problem.upper == np.inf)
    if problem.family != 1 or not (free.any() or problem.intercept):
        return False
    columns = problem.standardised()[:, free]
    if problem.intercept:
        columns = np.column_stack([columns, np.ones(len(problem.y))])
    signed = columns * (2 * problem.y - 1)[:, None]
    # The largest sum of margins, none of which is negative.
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    return bool(-found.fun > 1e-7)


def scikit_learn(problem: Problem):
    """Intercept and coefficients on the original scale; None for what it has no model of."""
    from scipy.sparse import csc_matrix
    from sklearn.linear_model import ElasticNet, LogisticRegression, PoissonRegressor, Ridge

    positive = bool((problem.lower == 0).all() and (problem.upper == np.inf).all())
    free = bool((problem.lower == -np.inf).all() and (problem.upper == np.inf).all())
    if (problem.factors != 1).any() or not (free or (positive and problem.family == 0)):
        return None
    total, l1, l2 = problem.weights.sum(), problem.l1, problem.l2
    z, y, intercept = problem.standardised(), problem.y, problem.intercept
    if problem.sparse and problem.family == 0:
        # Its own centring of sparse inputs, which are scaled here and not shifted.
        z = csc_matrix(problem.x / problem.scales)
    weights = None if (problem.weights == 1).all() else problem.weights
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if problem.family == 0 and l1 == 0:
            model = Ridge(alpha=l2, fit_intercept=intercept, solver="sparse_cg" if problem.sparse else "cholesky",
                          tol=1e-14, max_iter=100_000)
        elif problem.family == 0:
            # alpha multiplies l1_ratio |b| + (1 - l1_ratio) b²/2 beside RSS / 2n.
            first, second = l1 / (2 * total), l2 / total
            model = ElasticNet(alpha=first + second, l1_ratio=first / (first + second), fit_intercept=intercept,
                               positive=positive, tol=1e-13, max_iter=50_000)
        elif l1 > 0 or problem.offsets.any():
            return None
        elif problem.family == 1:
            model = LogisticRegression(C=1 / l2, solver="newton-cholesky", tol=1e-12, max_iter=10_000,
                                       fit_intercept=intercept)
        else:
            model = PoissonRegressor(alpha=l2 / total, solver="newton-cholesky", tol=1e-12, max_iter=10_000,
                                     fit_intercept=intercept)
        model.fit(z, y - problem.offsets if problem.family == 0 else y, sample_weight=weights)
    coefficients = np.ravel(model.coef_) / problem.scales
    constant = float(np.ravel(model.intercept_)[0]) if intercept else 0.0
    if not (problem.sparse and problem.family == 0):
        constant -= coefficients @ problem.means
    return constant, coefficients


def glmnet(problems: list[Problem], files: list[Path], rscript: str, directory: Path) -> list:
    outputs = [file.with_suffix(".glmnet") for file in files]
    listing = directory / "list"
    listing.write_text("".join(f"{file} {output}\n" for file, output in zip(files, outputs)))
    subprocess.run([rscript, str(HERE / "regression_agreement.R"), str(listing)], check=True)
    fits = []
    for output in outputs:
        values = np.fromfile(output) if output.exists() else None
        fits.append(None if values is None else (float(values[0]), values[1:]))
    return fits


@dataclass
class Row:
    problems: int = 0
    fits: dict = field(default_factory=lambda: {"scikit-learn": 0, "glmnet": 0})
    loose: int = 0
    unbounded: int = 0
    absent: int = 0
    our_gap: float = 0
    peer_gap: float = 0
    objective: float = 0
    fitted: float = 0
    failures: list = field(default_factory=list)


def compare(problem: Problem, ours: dict, peers: dict, row: Row) -> None:
    row.problems += 1
    if separates(problem):
        row.unbounded += 1
        if ours["state"] != "no finite solution":
            row.failures.append(f"ours says '{ours['state']}' where the classes are separated")
        return
    coefficients = np.array(ours["coefficients"])
    primal, reference = problem.objective(ours["intercept"], coefficients), ours["reference"]
    slack = ROUNDING * max(reference, primal)
    eta = problem.predictors(ours["intercept"], coefficients)
    scale = max(np.ptp(eta), 1e-6)
    gap = max(ours["primal"] - ours["dual"], 0)
    row.our_gap = max(row.our_gap, gap / reference)
    if not ours["certified"] or gap > TOLERANCE * reference:
        row.failures.append(f"ours is not certified: gap {gap / reference:.1e}")
    # A centred target rounds at the size of its mean.
    if abs(primal - ours["primal"]) > 1e-11 * max(reference, primal):
        row.failures.append(f"ours claims P = {ours['primal']!r}, which is {primal!r}")
    if (coefficients < problem.lower).any() or (coefficients > problem.upper).any():
        row.failures.append("ours is outside its bounds")
    for name, fit in peers.items():
        if fit is None:
            row.absent += name == "glmnet"
            continue
        found = problem.objective(*fit)
        found_gap = found - ours["dual"]
        if found_gap < -slack - 1e-12 * reference:
            row.failures.append(f"{name} has P = {found!r}, below our dual objective {ours['dual']!r}")
        if found_gap > PEER_GAP * reference:
            row.loose += 1
            continue
        row.fits[name] += 1
        found_gap = max(found_gap, 0)
        row.peer_gap = max(row.peer_gap, found_gap / reference)
        difference = abs(primal - found)
        row.objective = max(row.objective, difference / reference)
        if difference > gap + found_gap + slack + 1e-11 * max(reference, primal) * (problem.family == 0):
            row.failures.append(f"{name}: |P_ours - P_peer| = {difference:.2e}, gaps {gap:.2e} and {found_gap:.2e}")
        other = problem.predictors(*fit)
        distance = np.abs(eta - other)
        row.fitted = max(row.fitted, distance.max() / scale)
        if problem.family == 0:
            room = np.sqrt(2 / problem.weights) * (np.sqrt(gap + slack) + np.sqrt(found_gap + slack))
            if (distance > room).any():
                row.failures.append(f"{name}: a fitted value differs by {distance.max():.2e}, {room.min():.2e} allowed")
        if distance.max() > FITTED * scale:
            row.failures.append(f"{name}: fitted values differ by {distance.max() / scale:.1e} of their spread")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="how many problems (200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rscript", default="Rscript")
    parser.add_argument("--timing", type=Path, default=ROOT / ".build/release/regression-timing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        names = list(KINDS)
        problems = [
            generate(names[index % len(names)], arguments.seed + index // len(names)) for index in range(arguments.count)]
        files = [directory / f"{index}.fit" for index in range(arguments.count)]
        for problem, file in zip(problems, files):
            problem.write(file)
        command = [str(arguments.timing), "fit", "--tolerance", str(TOLERANCE), *map(str, files)]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        ours = [json.loads(line) for line in lines]
        if len(ours) != len(problems):
            raise SystemExit(f"{len(ours)} fits of {len(problems)} problems")
        theirs = glmnet(problems, files, arguments.rscript, directory)
    rows = {name: Row() for name in names}
    for problem, fit, other in zip(problems, ours, theirs):
        compare(problem, fit, {"scikit-learn": scikit_learn(problem), "glmnet": other}, rows[problem.kind])

    print(f"{'kind':30} problems  no optimum  sklearn  glmnet  loose  our gap  peer gap  |dP|     fitted   disagreements")
    for name, row in rows.items():
        print(
            f"{name:30} {row.problems:8}  {row.unbounded:10}  {row.fits['scikit-learn']:7}  {row.fits['glmnet']:6}  {row.loose:5}  "
            f"{row.our_gap:7.0e}  {row.peer_gap:8.0e}  {row.objective:7.0e}  {row.fitted:7.0e}  {len(row.failures)}")
    failures = [(name, text) for name, row in rows.items() for text in row.failures]
    compared = sum(sum(row.fits.values()) for row in rows.values())
    silent = [name for name, row in rows.items() if row.problems and not sum(row.fits.values())]
    print(f"{len(problems)} problems, {compared} fits of peers within {PEER_GAP:g}, "
          f"{sum(row.loose for row in rows.values())} looser, "
          f"{sum(row.absent for row in rows.values())} that glmnet gives up, {len(failures)} disagreements")
    for name, text in failures:
        print(f"{name}: {text}")
    for name in silent:
        print(f"{name}: no peer was compared")
    return 1 if failures or silent else 0


if __name__ == "__main__":
    sys.exit(main())
