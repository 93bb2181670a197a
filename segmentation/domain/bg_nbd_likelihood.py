"""The BG/NBD likelihood with its gradient, and its maximum.

Parameters are theta = (ln r, ln alpha, ln a/b, ln b). Where data hardly show dropout, only a/b is felt and b
runs off to infinity: with these four the ridge lies along one axis, and the climb does not stall on it.
Source: Fader, Hardie & Lee 2005, equation (6); grouped by what each term depends on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from segmentation.domain.maximum import climb
from segmentation.domain.nbd import NBDParams
from segmentation.domain.summary import DAYS_PER_WEEK, Floats, Summary, purchases_beyond

# Within the bounds every term is exact to ten digits. b of e^14: from there on the likelihood has no digit left of it.
_BOUNDS = [(-9.0, 9.0), (-4.0, 16.0), (-16.0, 7.0), (-5.0, 14.0)]
# Several starts, since the likelihood can have more than one hill; tried on a sample, the winner climbs on all rows.
_STARTS = [(np.log(0.3), 1.0), (np.log(0.01), 4.0), (np.log(1.0), -0.5)]
_SAMPLE = 10_000


def maximise(summary: Summary, plain: NBDParams) -> tuple[Floats, float, bool]:
    """theta at the maximum, the log-likelihood there, and whether the climb ended on a flat spot."""
    sample = summary.sample(_SAMPLE)
    tried = Likelihood(sample)
    begin = (np.log(plain.r), np.log(plain.alpha))
    climbs = [_climb(tried, (*begin, *leave)) for leave in _STARTS]
    theta, log_likelihood, converged = max(climbs, key=lambda climb: climb[1])
    if sample is summary:
        return theta, log_likelihood, converged
    return _climb(Likelihood(summary), theta.tolist())


def _climb(likelihood: Likelihood, start: Sequence[float]) -> tuple[Floats, float, bool]:
    return climb(likelihood, start, _BOUNDS, customers=likelihood.customers)


class Likelihood:
    """Log-likelihood and gradient by theta, shape (4,).

    Terms in x alone are one dot product over 0 … max(x), terms in T alone one over the distinct days; only repeaters
    need a row each, and there every logarithm is looked up by its day.
    """

    def __init__(self, summary: Summary) -> None:
        self.customers = summary.customers
        self.beyond = purchases_beyond(summary.x, summary.weight)
        self.steps = np.arange(len(self.beyond), dtype=np.float64)
        days = int(summary.T_days.max(initial=0)) + 1
        self.weeks = np.arange(days) / DAYS_PER_WEEK
        self.started = np.bincount(summary.T_days, weights=summary.weight, minlength=days)
        self.orders = np.bincount(summary.T_days, weights=summary.weight * summary.x, minlength=days)
        again = summary.x > 0
        self.x = summary.x[again].astype(np.int32)
        self.last = summary.t_x_days[again].astype(np.int32)
        self.observed = summary.T_days[again].astype(np.int32)
        self.weight = summary.weight[again].astype(np.float64)

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        r, alpha, odds, b = np.exp(theta)
        value, gradient = self._orders(r, alpha)
        stay_value, stay_gradient = self._stays(odds * b, b)
        gone_value, gone_gradient = self._gone(theta, r, alpha, b)
        return float(value + stay_value + gone_value), gradient + stay_gradient + gone_gradient

    def _orders(self, r: float, alpha: float) -> tuple[float, Floats]:
        """The NBD part: as if everybody were still alive."""
        weight = r * self.started + self.orders
        shrink = -np.log1p(self.weeks / alpha)
        value = self.beyond @ np.log(r + self.steps) + weight @ shrink - self.orders.sum() * np.log(alpha)
        by_r = self.beyond @ (1 / (r + self.steps)) + self.started @ shrink
        by_alpha = self.customers * r / alpha - weight @ (1 / (alpha + self.weeks))
        return float(value), np.array([by_r * r, by_alpha * alpha, 0.0, 0.0])

    def _stays(self, a: float, b: float) -> tuple[float, Floats]:
        """ln B(a, b+x)/B(a, b): a customer stayed after each of their x repeat purchases."""
        value = -(self.beyond @ np.log1p(a / (b + self.steps)))
        by_a = -(self.beyond @ (1 / (a + b + self.steps)))
        by_b = self.beyond @ (a / ((b + self.steps) * (a + b + self.steps)))
        return float(value), np.array([0.0, 0.0, a * by_a, a * by_a + b * by_b])

    def _gone(self, theta: Floats, r: float, alpha: float, b: float) -> tuple[float, Floats]:
        """ln(1 + odds that a repeater has left); the odds are large for a frequent buyer long silent."""
        logs, inverse = np.log(alpha + self.weeks), 1 / (alpha + self.weeks)
        longest = len(self.steps)
        # After x purchases: ln a - ln(b+x-1), and its slope by ln b with a/b held.
        log_odds = theta[2] + theta[3] - np.log(b + np.arange(longest))
        by_b = np.arange(longest) / (b + np.arange(longest))
        silence = logs[self.observed] - logs[self.last]
        shape = r + self.x
        exponent = log_odds[self.x - 1] + shape * silence
        share = self.weight * expit(exponent)
        value = self.weight @ np.logaddexp(0.0, exponent)
        by_alpha = (share * shape) @ (inverse[self.observed] - inverse[self.last])
        # by_b belongs to ln(b) - ln(b+x-1) + const: 1 - b/(b+x-1) = (x-1)/(b+x-1).
        return float(value), np.array([(share @ silence) * r, by_alpha * alpha, share.sum(), share @ by_b[self.x - 1]])
