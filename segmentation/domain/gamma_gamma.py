"""Gamma-Gamma: what a customer spends on an order varies about their own mean; means differ between customers.

Source: Fader & Hardie, "The Gamma-Gamma Model of Monetary Value", brucehardie.com/notes/025. Symbols p, q, gamma as
there. zbar is the mean over *repeat* purchases only: first purchases come from everybody, also from those who never
return, and are often smaller or larger than what follows, so they would bias the forecast of future orders; and with
zbar over repeats its weight in the formula is the same x that the order model uses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from segmentation.domain.maximum import climb
from segmentation.domain.prior import SPEND_PRIOR_P, SPEND_PRIOR_Q, TOO_FEW_REPEATERS
from segmentation.domain.summary import Floats, Numbers

# q of at most 1 has no mean at all; just above it the mean is a guess about giants never seen. Hence q > 1.2.
_BOUNDS = [(-5.0, 8.0), (float(np.log(1.2)), 8.0), (-12.0, 35.0)]
# The mean the model gives a newcomer may differ from the mean seen, but not by more than this, or it is not used.
_ABSURD = 2.0


@dataclass(frozen=True, slots=True)
class GammaGammaParams:
    """Money is in the unit of zbar; gamma carries it. p, q > 0 have no unit."""

    p: float
    q: float
    gamma: float

    @property
    def mean(self) -> float:
        """Expected order value of a customer of whom nothing is known."""
        return self.p * self.gamma / (self.q - 1)


@dataclass(frozen=True, slots=True)
class GammaGammaFit:
    """pooled: p and q of other shops with this shop's own mean. log_likelihood is None without a repeater."""

    params: GammaGammaParams
    log_likelihood: float | None
    converged: bool
    pooled: bool
    repeaters: int


def fit(x: Numbers, zbar: Numbers, *, mean_order_value: float = 0.0) -> GammaGammaFit:
    """Maximum likelihood over customers with x > 0 and zbar > 0; others are ignored.

    mean_order_value: over all orders; the shop's level where nobody ever repeated. Falls back to the pooled p and q
    below TOO_FEW_REPEATERS, or if the fitted mean is more than twice or less than half the mean seen.
    """
    known = (x > 0) & (zbar > 0) & np.isfinite(zbar)
    x, zbar = x[known].astype(np.float64), zbar[known].astype(np.float64)
    pooled = _pooled(zbar, mean_order_value)
    if len(x) < TOO_FEW_REPEATERS:
        value = _Likelihood(x, zbar)(np.log([pooled.p, pooled.q, pooled.gamma]))[0] if len(x) else None
        return GammaGammaFit(pooled, value, True, True, len(x))
    likelihood = _Likelihood(x, zbar)
    params, log_likelihood, converged = _maximise(likelihood, pooled)
    if not converged or not 1 / _ABSURD <= params.mean / float(zbar.mean()) <= _ABSURD:
        value = likelihood(np.log([pooled.p, pooled.q, pooled.gamma]))[0]
        return GammaGammaFit(pooled, value, converged, True, len(x))
    return GammaGammaFit(params, log_likelihood, True, False, len(x))


def expected_value(params: GammaGammaParams, x: Numbers, zbar: Numbers) -> Floats:
    """Expected value of a customer's future orders, shape (n,); the mean of the shop where x is 0.

    Between their own zbar and the shop's mean, nearer to their own the more they bought. Negative or unknown zbar
    (returns above purchases) counts as 0. Source: equation (5) of the note.
    """
    spent = x * np.where(np.isfinite(zbar) & (x > 0), np.maximum(zbar, 0.0), 0.0)
    return params.p * (params.gamma + spent) / (params.p * x + params.q - 1)


def _pooled(zbar: Numbers, mean_order_value: float) -> GammaGammaParams:
    fallback = mean_order_value if np.isfinite(mean_order_value) else 0.0
    mean = float(zbar.mean()) if len(zbar) else max(fallback, 0.0)
    gamma = max(mean, 1e-4) * (SPEND_PRIOR_Q - 1) / SPEND_PRIOR_P
    return GammaGammaParams(SPEND_PRIOR_P, SPEND_PRIOR_Q, gamma)


def _maximise(likelihood: _Likelihood, start: GammaGammaParams) -> tuple[GammaGammaParams, float, bool]:
    begin = np.log([start.p, start.q, start.gamma]).tolist()
    theta, value, converged = climb(likelihood, begin, _BOUNDS, customers=len(likelihood.x))
    p, q, gamma = (float(v) for v in np.exp(theta))
    return GammaGammaParams(p, q, gamma), value, converged


class _Likelihood:
    """Log-likelihood, equation (1a) of the note, and gradient by (ln p, ln q, ln gamma); gamma functions once per x."""

    def __init__(self, x: Numbers, zbar: Numbers) -> None:
        self.x, self.spent = x, x * zbar
        self.sum_log_zbar, self.sum_log_spent = np.log(zbar).sum(), np.log(self.spent).sum()
        self.counts, index = np.unique(x, return_inverse=True)
        self.customers = np.bincount(index, minlength=len(self.counts)).astype(np.float64)

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        p, q, gamma = np.exp(theta)
        shape, n = p * self.counts, float(len(self.x))
        above = np.log1p(gamma / self.spent)
        total = above.sum() + self.sum_log_spent
        value = self.customers @ (gammaln(shape + q) - gammaln(shape)) - n * gammaln(q) + n * q * theta[2]
        value -= p * (self.x @ above) + q * total + self.sum_log_zbar
        slope_q = digamma(shape + q)
        by_p = (self.customers * self.counts) @ (slope_q - digamma(shape)) - self.x @ above
        by_q = self.customers @ slope_q - n * digamma(q) + n * theta[2] - total
        by_gamma = n * q / gamma - ((p * self.x + q) / (gamma + self.spent)).sum()
        return float(value), np.array([by_p * p, by_q * q, by_gamma * gamma])
