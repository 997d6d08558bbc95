"""Writes scikit-learn's answers on a small problem to scikit-learn.json beside this file.

Run with scikit-learn installed: python make_fixtures.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score

random = np.random.default_rng(7)
centers = random.normal(size=(5, 6)) * 2
classes = random.integers(0, 5, 150)
x = np.round(centers[classes] + random.normal(size=(150, 6)) + 3, 4)
starts = x[:5]
clusters = KMeans(5, init=starts, n_init=1, tol=1e-4, algorithm="lloyd").fit(x)
pca = PCA(4, svd_solver="full").fit(x)
wide = np.round(random.normal(size=(8, 20)), 4)
wide_pca = PCA(3, svd_solver="full").fit(wide)
whitened = PCA(4, whiten=True, svd_solver="full").fit(x).transform(x)
Path(__file__).with_name("scikit-learn.json").write_text(
    json.dumps(
        {
            "version": sklearn.__version__,
            "x": x.tolist(),
            "classes": classes.tolist(),
            "labels": clusters.labels_.tolist(),
            "centers": clusters.cluster_centers_.tolist(),
            "inertia": clusters.inertia_,
            "iterations": int(clusters.n_iter_),
            "components": pca.components_.tolist(),
            "variance": pca.explained_variance_.tolist(),
            "ratio": pca.explained_variance_ratio_.tolist(),
            "whitened": whitened[:5].tolist(),
            "wide": wide.tolist(),
            "wideComponents": wide_pca.components_.tolist(),
            "wideVariance": wide_pca.explained_variance_.tolist(),
            "nmi": normalized_mutual_info_score(classes, clusters.labels_),
            "ari": adjusted_rand_score(classes, clusters.labels_),
            "silhouette": silhouette_score(x, clusters.labels_),
        }
    )
    + "\n"
)
