"""One peer's lasso path on a problem file, timed, with its coefficients written for the judge.

The inputs are in memory in the order that the peer likes best (columns) before the clock starts. Standardising and Gram
matrices are inside the time; compiling (numba) is not. The last line printed is a JSON object.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from scipy import sparse

import regression_problems

MAXIMUM = 10**8


def standardised(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centred columns of standard deviation 1, in column order, and the deviations."""
    z = x - x.mean(axis=0)
    scales = np.sqrt(np.einsum("ij,ij->j", z, z) / len(z))
    scales[scales == 0] = 1
    z /= scales
    return z, scales


def sparse_statistics(x: sparse.csc_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations without densifying."""
    n = x.shape[0]
    means = np.asarray(x.mean(axis=0)).ravel()
    squares = np.add.reduceat(x.data * x.data, x.indptr[:-1]) if x.nnz else np.zeros(x.shape[1])
    squares[np.diff(x.indptr) == 0] = 0
    scales = np.sqrt(np.maximum(squares / n - means * means, 0))
    scales[scales == 0] = 1
    return means, scales


def scaled(x: sparse.csc_matrix, scales: np.ndarray) -> sparse.csc_matrix:
    z = x.copy()
    z.data /= np.repeat(scales, np.diff(z.indptr))
    return z


def scikit_learn(x, y, alphas, tolerance):
    from sklearn.linear_model import lasso_path

    centred = y - y.mean()
    options = {"tol": tolerance, "max_iter": MAXIMUM, "alphas": alphas}
    if sparse.issparse(x):
        means, scales = sparse_statistics(x)
        z = scaled(x, scales)
        # On its scaled columns the offset is mean / scale, of scale 1.
        return lasso_path(z, centred, X_offset=means / scales, X_scale=np.ones_like(scales), **options)[1].T / scales
    z, scales = standardised(x)
    n, p = z.shape
    gram = z.T @ z if n > p else False
    return lasso_path(z, centred, precompute=gram, copy_X=False, check_input=False, **options)[1].T / scales


def celer(x, y, alphas, tolerance):
    from celer import celer_path

    centred = y - y.mean()
    options = {"alphas": alphas, "tol": tolerance, "max_iter": 1000, "max_epochs": 10**6, "prune": 1}
    if sparse.issparse(x):
        means, scales = sparse_statistics(x)
        z = scaled(x, scales)
        return celer_path(z, centred, "lasso", X_offset=means / scales, X_scale=np.ones_like(scales), **options)[1].T / scales
    z, scales = standardised(x)
    return celer_path(z, centred, "lasso", **options)[1].T / scales


def skglm(x, y, alphas, tolerance):
    from skglm.datafits import Quadratic, QuadraticHessian
    from skglm.penalties import L1
    from skglm.solvers import AndersonCD
    from skglm.utils.jit_compilation import compiled_clone

    centred = y - y.mean()
    penalty = compiled_clone(L1(alphas[0]))
    options = {"tol": tolerance, "max_iter": 1000, "max_epochs": 10**6}
    if sparse.issparse(x):
        _, scales = sparse_statistics(x)
        solver = AndersonCD(fit_intercept=True, **options)
        coefficients = solver.path(scaled(x, scales), centred, compiled_clone(Quadratic()), penalty, alphas)[1]
        return coefficients[:-1].T / scales
    z, scales = standardised(x)
    n, p = z.shape
    solver = AndersonCD(fit_intercept=False, **options)
    if n > p:
        # Its datafit on the Gram matrix, which is faster here than its datafit on the rows.
        gram, linear = np.asfortranarray(z.T @ z / n), -(z.T @ centred) / n
        return solver.path(gram, linear, compiled_clone(QuadraticHessian()), penalty, alphas)[1].T / scales
    return solver.path(z, centred, compiled_clone(Quadratic()), penalty, alphas)[1].T / scales


PEERS = {"scikit-learn": scikit_learn, "celer": celer, "skglm": skglm}


def write_coefficients(path: Path, alphas: np.ndarray, coefficients: np.ndarray, n: int) -> None:
    """The format of regression-timing: lambdas on the scale of the residual sum of squares; no intercepts."""
    with open(path, "wb") as file:
        np.array([len(alphas)], np.int64).tofile(file)
        for alpha, row in zip(alphas, coefficients):
            support = np.flatnonzero(row)
            np.array([2 * n * alpha, 0.0]).tofile(file)
            np.array([support.size], np.int64).tofile(file)
            support.astype(np.int64).tofile(file)
            row[support].tofile(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument("--problem", type=Path, required=True)
    parser.add_argument("--lambdas", type=Path, required=True, help="raw doubles, on the scale of the residual sum of squares")
    parser.add_argument("--tolerance", type=float, required=True)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    x, y = regression_problems.read(arguments.problem)
    alphas = np.fromfile(arguments.lambdas) / (2 * len(y))
    if not sparse.issparse(x):
        x = np.asfortranarray(x)
    # A small problem first, which loads and compiles whatever has to be.
    random = np.random.default_rng(0)
    for shape in [(30, 8), (8, 30)]:
        small = np.asfortranarray(random.standard_normal(shape))
        if sparse.issparse(x):
            small = sparse.csc_matrix(small * (small > 0))
        PEERS[arguments.peer](small, random.standard_normal(shape[0]), np.array([0.5, 0.1]), 1e-6)
    start = time.perf_counter()
    coefficients = PEERS[arguments.peer](x, y, alphas, arguments.tolerance)
    seconds = time.perf_counter() - start
    if arguments.output:
        write_coefficients(arguments.output, alphas, coefficients, len(y))
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
