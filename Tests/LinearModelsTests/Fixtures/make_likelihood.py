"""Writes likelihood.json: what R's glm says of the data of generalized.json without a penalty.

    python make_likelihood.py > likelihood.json        (numpy, R 4.2)

Estimates, standard errors, z and p values, deviances, AIC, and the analysis of deviance (anova, test = "Chisq"). The weighted
binomial targets are shares of 1 to 4 trials, the trials their weights.
"""
import json
import pathlib
import subprocess
import sys

import numpy as np

data = json.loads((pathlib.Path(__file__).parent / "generalized.json").read_text())
x, n = np.array(data["x"]), len(data["x"])
trials = 1 + np.arange(n) % 4
successes = np.minimum(trials, np.array(data["binomial"]) + np.arange(n) % 3)
cases = []
script = """
d <- as.matrix(read.csv(file("stdin"), header = FALSE))
x <- d[, 1:5]; y <- d[, 6]; w <- d[, 7]; o <- d[, 8]
numbers <- function(v) cat(paste(sprintf("%.17g", v), collapse = " "), "\\n")
data <- data.frame(y = y, x1 = x[, 1], x2 = x[, 2], x3 = x[, 3], x4 = x[, 4], x5 = x[, 5])
formula <- if (INTERCEPT) y ~ x1 + x2 + x3 + x4 + x5 else y ~ 0 + x1 + x2 + x3 + x4 + x5
fit <- glm(formula, family = FAMILY, data = data, weights = w, offset = o, control = list(epsilon = 1e-15, maxit = 100))
# The weights of its standard errors are those of the step before the last: once more from where it ended.
fit <- glm(formula, family = FAMILY, data = data, weights = w, offset = o, start = coef(fit),
           control = list(epsilon = 1e-15, maxit = 100))
table <- coef(summary(fit))
for (column in 1:4) numbers(table[, column])
numbers(c(fit$deviance, fit$null.deviance, fit$df.residual, fit$df.null, fit$aic))
steps <- anova(fit, test = "Chisq")
numbers(steps[["Resid. Dev"]]); numbers(steps[["Pr(>Chi)"]][-1])
"""
for family in ["binomial", "poisson"]:
    for weighted in [False, True]:
        for intercept in [True, False]:
            y, w, o = np.array(data[family]), np.ones(n), np.zeros(n)
            if weighted:
                w, o = np.array(data["weights"]), np.array(data["offsets"])
                if family == "binomial":
                    y, w = successes / trials, trials.astype(float)
            rows = np.column_stack([x, y, w, o])
            text = "\n".join(",".join(repr(float(v)) for v in row) for row in rows) + "\n"
            code = script.replace("INTERCEPT", "TRUE" if intercept else "FALSE").replace("FAMILY", family)
            result = subprocess.run(["Rscript", "-e", code], input=text, text=True, capture_output=True, check=True)
            lines = [[float(v) for v in line.split()] for line in result.stdout.splitlines()]
            deviance, null, degrees, null_degrees, aic = lines[4]
            cases.append({
                "family": family, "intercept": intercept, "y": y.tolist(), "weights": w.tolist(), "offsets": o.tolist(),
                "estimates": lines[0], "standardErrors": lines[1], "zValues": lines[2], "pValues": lines[3],
                "deviance": deviance, "nullDeviance": null, "degreesOfFreedom": int(degrees),
                "nullDegreesOfFreedom": int(null_degrees),
                "aic": aic, "residualDeviances": lines[5], "devianceP": lines[6],
            })
json.dump(cases, sys.stdout, indent=1)
print()
