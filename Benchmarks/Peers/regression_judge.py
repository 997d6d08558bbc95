"""The judge: the relative duality gap of every fit in a coefficient file, whoever wrote it.

In half scale with standardised columns (1/n deviations) and centred residual r: P = ||r||²/2 + (lambda/2) sum |b|,
theta = r min(1, (lambda/2) / max |x'r|), D = ||y_c||²/2 - ||y_c - theta||²/2, gap = (P - D) / (||y_c||²/2).
"""

from pathlib import Path

import numpy as np
from scipy import sparse

from regression_peers import sparse_statistics, standardised


class Judge:
    """The problem, standardised once."""

    def __init__(self, x, y: np.ndarray):
        self.target = y - y.mean()
        self.rows, self.columns = x.shape
        self.is_sparse = sparse.issparse(x)
        if self.is_sparse:
            self.x = x
            self.means, self.scales = sparse_statistics(x)
        else:
            self.z, self.scales = standardised(x)

    def product(self, coefficients: sparse.csc_matrix) -> np.ndarray:
        """Z B for coefficients on the standardised scale."""
        if not self.is_sparse:
            used = np.unique(coefficients.indices)
            return self.z[:, used] @ coefficients.tocsr()[used].toarray()
        original = sparse.diags(1 / self.scales) @ coefficients
        return (self.x @ original).toarray() - np.asarray(self.means @ original)

    def correlations(self, residuals: np.ndarray) -> np.ndarray:
        if not self.is_sparse:
            return self.z.T @ residuals
        return (self.x.T @ residuals - np.outer(self.means, residuals.sum(axis=0))) / self.scales[:, None]

    def lambdas(self, count: int, ratio: float) -> np.ndarray:
        """A geometric grid from the largest lambda of use."""
        largest = 2 * np.abs(self.correlations(self.target[:, None])).max()
        return largest * ratio ** (np.arange(count) / (count - 1))

    def gaps(self, path: Path) -> tuple[np.ndarray, np.ndarray]:
        """The lambdas in the file and the gap of each."""
        lambdas, columns = read_coefficients(path)
        gaps = []
        for first in range(0, len(lambdas), 10):
            batch, level = columns[first : first + 10], lambdas[first : first + 10]
            starts = np.concatenate([[0], np.cumsum([len(support) for support, _ in batch])])
            support = np.concatenate([support for support, _ in batch])
            values = np.concatenate([values for _, values in batch])
            b = sparse.csc_matrix((values * self.scales[support], support, starts), shape=(self.columns, len(batch)))
            residuals = self.target[:, None] - self.product(b)
            residuals -= residuals.mean(axis=0)
            primal = 0.5 * (residuals**2).sum(axis=0) + 0.5 * level * np.asarray(abs(b).sum(axis=0)).ravel()
            largest = np.abs(self.correlations(residuals)).max(axis=0)
            theta = residuals * np.minimum(1, 0.5 * level / largest)
            whole = 0.5 * self.target @ self.target
            dual = whole - 0.5 * ((self.target[:, None] - theta) ** 2).sum(axis=0)
            gaps.extend((primal - dual) / whole)
        return lambdas, np.array(gaps)


def read_coefficients(path: Path) -> tuple[np.ndarray, list]:
    lambdas, columns = [], []
    with open(path, "rb") as file:
        for _ in range(np.fromfile(file, np.int64, 1)[0]):
            lambdas.append(np.fromfile(file, np.float64, 2)[0])
            size = np.fromfile(file, np.int64, 1)[0]
            columns.append((np.fromfile(file, np.int64, size), np.fromfile(file, np.float64, size)))
    return np.array(lambdas), columns
