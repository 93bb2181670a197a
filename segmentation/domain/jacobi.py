"""Gauss quadrature for the expectation of a smooth function of a beta distributed variable."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.linalg import eigh_tridiagonal

from segmentation.domain.summary import Floats

_TINY = 1e-200


# A forecast asks for the same few for each of its horizons.
@lru_cache(maxsize=512)
def beta_quadrature(a: float, b: float, nodes: int) -> tuple[Floats, Floats]:
    """Nodes p in (0, 1) and weights, shape (nodes,), with E f(p) = sum of weight f(p) for p ~ Beta(a, b).

    Exact for polynomials up to degree 2 nodes - 1. The weights sum to one, so neither a nor b can overflow anything.
    Source: Golub & Welsch, Mathematics of Computation 23 (1969); the recurrence is that of Jacobi on (0, 1).
    """
    k = np.arange(1, nodes, dtype=np.float64)
    total = a + b
    diagonal = np.empty(nodes)
    diagonal[0] = a / total
    # Jacobi's general term, written without the difference b² - a² that would cancel for large b.
    middle = 2 * k + total - 2
    diagonal[1:] = (2 * k * (k + total - 1) + a * (total - 2)) / (middle * (middle + 2))
    square = k * (k + a - 1) * (k + b - 1) * (k + total - 2)
    # For k = 1 the factors (k + total - 2) and (middle - 1) are the same and may both be 0: they are divided out.
    lower = np.where(k == 1, 1.0, middle - 1)
    square = np.where(k == 1, a * b, square)
    off = np.sqrt(square / (middle**2 * (middle + 1) * lower))
    p, vectors = eigh_tridiagonal(diagonal, off)
    points: Floats = np.clip(p, _TINY, 1.0)
    weights: Floats = vectors[0] ** 2
    points.setflags(write=False)
    weights.setflags(write=False)
    return points, weights
