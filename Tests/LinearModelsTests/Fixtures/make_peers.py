"""Writes peers.json: what scikit-learn and R's glmnet make of the data of generalized.json, in their own numbers of lambda.

    python make_peers.py > peers.json        (scikit-learn 1.9.1, glmnet 4.1-6)
"""
import json
import pathlib
import subprocess
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression, PoissonRegressor

data = json.loads((pathlib.Path(__file__).parent / "generalized.json").read_text())
x, w = np.array(data["x"]), np.array(data["weights"])
z = (x - x.mean(0)) / x.std(0)
cases = []
for family, penalty, value, ratio in [
    ("binomial", "ridge", 0.7, 0), ("binomial", "lasso", 0.4, 1), ("binomial", "elasticNet", 0.5, 0.3),
    ("poisson", "ridge", 0.05, 0),
]:
    y = np.array(data[family])
    if family == "binomial":
        # The number here is C; saga is the only solver of all three penalties.
        model = LogisticRegression(C=value, l1_ratio=ratio, solver="saga", tol=1e-13, max_iter=1_000_000)
    else:
        model = PoissonRegressor(alpha=value, tol=1e-13, max_iter=10_000, solver="newton-cholesky")
    model.fit(z, y)
    cases.append({
        "program": "sklearn", "family": family, "penalty": penalty, "mixing": ratio,
        "lambda": 1 / value if family == "binomial" else value,
        "standardized": np.ravel(model.coef_).tolist(),
    })

script = """
suppressMessages(library(glmnet))
d <- as.matrix(read.csv(file("stdin"), header = FALSE))
x <- d[, 1:5]
for (family in c("binomial", "poisson")) for (alpha in c(0, 0.4, 1)) {
  y <- d[, if (family == "binomial") 6 else 7]
  fit <- glmnet(x, y, family = family, alpha = alpha, lambda = c(1, 0.3, 0.1), weights = d[, 8],
                thresh = 1e-15, maxit = 1e7)
  for (k in 1:3) cat(family, alpha, fit$lambda[k], sprintf("%.15g", fit$a0[k]), sprintf("%.15g", fit$beta[, k]),
                     sprintf("%.15g", fit$nulldev), sprintf("%.15g", deviance(fit)[k]), "\\n")
}
"""
table = np.column_stack([x, data["binomial"], data["poisson"], w])
lines = "\n".join(",".join(repr(float(v)) for v in row) for row in table) + "\n"
output = subprocess.run(["Rscript", "-e", script], input=lines, text=True, capture_output=True, check=True).stdout
for line in output.splitlines():
    family, *numbers = line.split()
    numbers = [float(v) for v in numbers]
    # Its deviances are those of the weights as they are given.
    cases.append({
        "program": "glmnet", "family": family, "mixing": numbers[0], "lambda": numbers[1],
        "penalty": {0.0: "ridge", 1.0: "lasso"}.get(numbers[0], "elasticNet"),
        "constant": numbers[2], "coefficients": numbers[3:8], "nullDeviance": numbers[8], "deviance": numbers[9],
    })
json.dump(cases, sys.stdout, indent=1)
print()
