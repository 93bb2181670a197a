"""NBD: orders come at random at each customer's own rate, rates differ by a gamma distribution, nobody leaves.

Used where the data do not show that customers leave for good (see `bg_nbd.fit`) and where they are few.
Source: Ehrenberg, "The Pattern of Consumer Purchases", Applied Statistics 8 (1959); with a first purchase that starts
the clock as in Fader & Hardie, "The Poisson-Gamma Model", brucehardie.com/notes. Symbols r, alpha as there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmentation.domain.maximum import climb
from segmentation.domain.prior import NBD_PRIOR, TOO_FEW_REPEATERS, NBDPrior
from segmentation.domain.summary import DAYS_PER_WEEK, Floats, Numbers, Summary, purchases_beyond

# Log bounds. Above r of e^9 customers are alike to four digits; alpha of e^-4 weeks is about three hours.
_BOUNDS = [(-9.0, 9.0), (-4.0, 16.0)]


@dataclass(frozen=True, slots=True)
class NBDParams:
    """Rates (orders a week) are gamma distributed with shape r and scale 1/alpha (weeks)."""

    r: float
    alpha: float


@dataclass(frozen=True, slots=True)
class NBDFit:
    """The maximum; pooled: few data, so the prior of other shops is part of what was maximised."""

    params: NBDParams
    log_likelihood: float
    converged: bool
    pooled: bool


def fit(summary: Summary, *, prior: NBDPrior = NBD_PRIOR) -> NBDFit:
    """Maximum likelihood; below TOO_FEW_REPEATERS repeat customers the maximum a posteriori under `prior`."""
    pooled = summary.repeaters < TOO_FEW_REPEATERS
    likelihood = _Likelihood(summary)

    def posterior(theta: Floats) -> tuple[float, Floats]:
        value, gradient = likelihood(theta)
        extra, extra_gradient = prior.log_density(theta)
        return value + extra, gradient + extra_gradient

    start = (np.log(prior.r), np.log(prior.alpha))
    top = posterior if pooled else likelihood
    theta, _, converged = climb(top, start, _BOUNDS, customers=max(summary.customers, 1))
    r, alpha = (float(value) for value in np.exp(theta))
    return NBDFit(NBDParams(r, alpha), likelihood(theta)[0], converged, pooled)


class _Likelihood:
    """Log-likelihood and gradient by (ln r, ln alpha), from sums over distinct x and distinct T alone."""

    def __init__(self, summary: Summary) -> None:
        self.beyond = purchases_beyond(summary.x, summary.weight)
        self.steps = np.arange(len(self.beyond), dtype=np.float64)
        days, index = np.unique(summary.T_days, return_inverse=True)
        self.T = days / DAYS_PER_WEEK
        self.customers = np.bincount(index, weights=summary.weight, minlength=len(days))
        self.orders = np.bincount(index, weights=summary.weight * summary.x, minlength=len(days))

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        r, alpha = np.exp(theta)
        count, weight = self.customers.sum(), r * self.customers + self.orders
        # ln alpha - ln(alpha+T) as one log1p: with r large the two logarithms would cancel.
        shrink = -np.log1p(self.T / alpha)
        value = self.beyond @ np.log(r + self.steps) + weight @ shrink - self.orders.sum() * theta[1]
        by_r = self.beyond @ (1 / (r + self.steps)) + self.customers @ shrink
        by_alpha = count * r / alpha - weight @ (1 / (alpha + self.T))
        return float(value), np.array([by_r * r, by_alpha * alpha])


def expected_orders(params: NBDParams, t: float, x: Numbers, T: Numbers) -> Floats:
    """Orders expected in the next t weeks, shape (n,). x: repeat purchases; T: weeks observed."""
    return t * (params.r + x) / (params.alpha + T)


def probability_of_no_order(params: NBDParams, t: float, x: Numbers, T: Numbers) -> Floats:
    """Probability of no order in the next t weeks, shape (n,), in (0, 1]."""
    return np.exp(-(params.r + x) * np.log1p(t / (params.alpha + T)))
