"""Writes generalized.json: penalised logistic and Poisson fits to 28 digits, rounded to double.

    python make_generalized.py > generalized.json        (numpy and mpmath)

min  deviance + l1 sum |b_j| + l2 sum b_j^2  on columns standardised by their weighted 1/n deviation, the intercept free.
The support and the signs come from coordinate-wise steps; then Newton's method on that support runs in
40-digit arithmetic, and the optimality conditions of every column are checked there.
"""
import json
import sys

import mpmath as mp
import numpy as np

mp.mp.dps = 40
random = np.random.default_rng(20)
N, P = 30, 5
X = np.round(random.normal(size=(N, P)) * [1, 3, 0.5, 1, 2] + [0, 2, -1, 0.5, 1], 3)
X[:, 3] = np.round(0.8 * X[:, 0] + 0.4 * X[:, 3], 3)
ETA = 0.4 + 0.9 * X[:, 0] - 0.3 * X[:, 1] + 0.2 * X[:, 4]
Y = {
    "binomial": (random.uniform(size=N) < 1 / (1 + np.exp(-ETA))).astype(float),
    "poisson": random.poisson(np.exp(0.6 * ETA)).astype(float),
}
W = np.round(random.uniform(0.2, 2, size=N), 3)
O = np.round(random.normal(size=N) * 0.4, 3)


def mean(family, eta):
    return 1 / (1 + mp.exp(-eta)) if family == "binomial" else mp.exp(eta)


def loss(family, y, eta):
    xlogx = lambda v: v * mp.log(v) if v > 0 else mp.mpf(0)
    if family == "binomial":
        return mp.log(1 + mp.exp(eta)) - y * eta + xlogx(y) + xlogx(1 - y)
    return mp.exp(eta) - y * eta - y + xlogx(y)


def curvature(family, mu):
    return mu * (1 - mu) if family == "binomial" else mu


def solve(family, l1, l2, weighted, intercept):
    w = [mp.mpf(float(v)) for v in (W if weighted else np.ones(N))]
    o = [mp.mpf(float(v)) for v in (O if weighted else np.zeros(N))]
    y = [mp.mpf(float(v)) for v in Y[family]]
    x = [[mp.mpf(float(v)) for v in row] for row in X]
    total = sum(w)
    means = [sum(w[i] * x[i][j] for i in range(N)) / total for j in range(P)]
    scales = [mp.sqrt(sum(w[i] * (x[i][j] - means[j]) ** 2 for i in range(N)) / total) for j in range(P)]
    shift = means if intercept else [mp.mpf(0)] * P
    z = [[(x[i][j] - shift[j]) / scales[j] for j in range(P)] for i in range(N)]
    l1, l2 = mp.mpf(l1), mp.mpf(l2)

    def eta(b, b0):
        return [o[i] + b0 + sum(z[i][j] * b[j] for j in range(P)) for i in range(N)]

    def scores(b, b0):
        r = [w[i] * (y[i] - mean(family, e)) for i, e in enumerate(eta(b, b0))]
        return [sum(z[i][j] * r[i] for i in range(N)) for j in range(P)], sum(r)

    # Coordinate-wise Newton steps find the support.
    b, b0 = [mp.mpf(0)] * P, mp.mpf(0)
    for _ in range(60):
        if intercept:
            for _ in range(3):
                mus = [mean(family, e) for e in eta(b, b0)]
                b0 += sum(w[i] * (y[i] - mus[i]) for i in range(N)) / sum(w[i] * curvature(family, mus[i]) for i in range(N))
        for j in range(P):
            mus = [mean(family, e) for e in eta(b, b0)]
            h = sum(w[i] * curvature(family, mus[i]) * z[i][j] ** 2 for i in range(N)) + mp.mpf("1e-6")
            point = sum(z[i][j] * w[i] * (y[i] - mus[i]) for i in range(N)) + h * b[j]
            shrunk = mp.sign(point) * max(abs(point) - l1 / 2, 0)
            b[j] = shrunk / (h + l2)
    active = [j for j in range(P) if b[j] != 0]
    signs = {j: mp.sign(b[j]) for j in active}
    size = len(active) + (1 if intercept else 0)
    for _ in range(60):
        mus = [mean(family, e) for e in eta(b, b0)]
        d = [w[i] * curvature(family, mus[i]) for i in range(N)]
        columns = [[z[i][j] for i in range(N)] for j in active] + ([[mp.mpf(1)] * N] if intercept else [])
        u, total_score = scores(b, b0)
        gradient = [u[j] - l1 / 2 * signs[j] - l2 * b[j] for j in active] + ([total_score] if intercept else [])
        if size == 0 or max(abs(g) for g in gradient) < mp.mpf("1e-32"):
            break
        H = mp.matrix(size, size)
        for r in range(size):
            for c in range(size):
                H[r, c] = sum(d[i] * columns[r][i] * columns[c][i] for i in range(N))
            if r < len(active):
                H[r, r] += l2
        step = mp.lu_solve(H, mp.matrix(gradient))
        for k, j in enumerate(active):
            b[j] += step[k]
        if intercept:
            b0 += step[size - 1]
    u, total_score = scores(b, b0)
    worst = abs(total_score) if intercept else mp.mpf(0)
    for j in range(P):
        if j in signs:
            assert mp.sign(b[j]) == signs[j]
            worst = max(worst, abs(u[j] - l1 / 2 * signs[j] - l2 * b[j]))
        else:
            assert abs(u[j]) < l1 / 2
    assert worst < mp.mpf("1e-28"), worst
    deviance = 2 * sum(w[i] * loss(family, y[i], e) for i, e in enumerate(eta(b, b0)))
    original = [b[j] / scales[j] for j in range(P)]
    return {
        "family": family, "l1": float(l1), "l2": float(l2), "weighted": weighted, "intercept": intercept,
        "standardized": [float(v) for v in b], "coefficients": [float(v) for v in original],
        "constant": float(b0 - sum(original[j] * shift[j] for j in range(P))), "deviance": float(deviance),
        "primal": float(deviance / 2 + sum(l1 / 2 * abs(v) + l2 / 2 * v * v for v in b)),
    }


cases = [
    solve(family, l1, l2, weighted, intercept)
    for family in ["binomial", "poisson"]
    for l1, l2 in [(0, 0), (0, 3), (6, 0), (4, 2)]
    for weighted in [False, True]
    for intercept in [True, False]
]
json.dump(
    {"x": X.tolist(), "binomial": Y["binomial"].tolist(), "poisson": Y["poisson"].tolist(), "weights": W.tolist(),
     "offsets": O.tolist(), "cases": cases}, sys.stdout, indent=1)
print()
