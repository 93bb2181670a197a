"""Climb a log-likelihood whose gradient is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize

from segmentation.domain.summary import Floats

Point = np.ndarray[tuple[int], np.dtype[np.float64]]
LogLikelihood = Callable[[Floats], tuple[float, Floats]]


def climb(
    log_likelihood: LogLikelihood, start: Sequence[float], bounds: Sequence[tuple[float, float]], *, customers: int
) -> tuple[Floats, float, bool]:
    """The place of the maximum within the bounds, its value, and whether no slope is left there.

    Works on the mean per customer, so that a shop of any size meets the same tolerances.
    """

    def loss(theta: Point) -> tuple[float, Point]:
        value, gradient = log_likelihood(theta)
        return -value / customers, np.ravel(-gradient / customers)

    low, high = np.array(bounds).T
    begin: Point = np.ravel(np.clip(np.asarray(start, dtype=np.float64), low, high))
    best = minimize(
        loss,
        begin,
        jac=True,
        method="L-BFGS-B",
        bounds=list(bounds),
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-8},
    )
    # The line search may give up at the last digit and call that failure, so look at the slope itself.
    slope = np.clip(best.x - best.jac, low, high) - best.x
    return best.x, float(-best.fun * customers), bool(np.abs(slope).max() < 1e-5)
