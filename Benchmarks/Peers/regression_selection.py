"""scikit-learn's LassoCV (10 folds of neighbours, 100 lambdas, two jobs) or RidgeCV (leave-one-out, 1,000 lambdas), timed.

The inputs are standardised once, inside the time.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np

import regression_problems
from regression_peers import standardised


def lasso(x, y, count):
    from sklearn.linear_model import LassoCV

    n = len(y)
    folds = np.arange(n) * 10 // n
    parts = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(10)]
    start = time.perf_counter()
    z, _ = standardised(x)
    model = LassoCV(eps=1e-2, alphas=count, cv=parts, n_jobs=2, tol=1e-6, max_iter=10**7, copy_X=False).fit(z, y)
    return time.perf_counter() - start, model.mse_path_.mean(axis=1)


def ridge(x, y, count):
    from sklearn.linear_model import RidgeCV

    lambdas = 1e6 * np.exp(np.log(1e-6) / (count - 1) * np.arange(count))
    start = time.perf_counter()
    z, _ = standardised(x)
    model = RidgeCV(alphas=lambdas, store_cv_results=True).fit(z, y)
    seconds = time.perf_counter() - start
    return seconds, model.cv_results_.mean(axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problem", type=Path)
    parser.add_argument("work", choices=["lasso", "ridge"])
    parser.add_argument("--count", type=int, help="how many lambdas (100, 1000)")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    x, y = regression_problems.read(arguments.problem)
    work, count = {"lasso": (lasso, 100), "ridge": (ridge, 1000)}[arguments.work]
    seconds, errors = work(np.asfortranarray(x), y, arguments.count or count)
    print(json.dumps({"seconds": seconds, "errors": errors.tolist()}))


if __name__ == "__main__":
    main()
