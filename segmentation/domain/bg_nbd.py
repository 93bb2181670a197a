"""BG/NBD: orders come at random at each customer's own rate; after any repeat purchase a customer may leave for good.

Rates are gamma distributed (r, alpha), the chance to leave after a purchase is beta distributed (a, b).
Source: Fader, Hardie & Lee, "Counting Your Customers the Easy Way", Marketing Science 24(2) 2005. Symbols as there.
All times are weeks; t is one number, the other arguments arrays of shape (n,).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from segmentation.domain import bg_nbd_likelihood, nbd
from segmentation.domain.jacobi import beta_quadrature
from segmentation.domain.prior import TOO_FEW_REPEATERS
from segmentation.domain.summary import Floats, Numbers, Summary

# A forecast is the same to ten digits with 64 nodes for every fit within the bounds; see the tests.
_NODES = 64
_CHUNK = 16_384


@dataclass(frozen=True, slots=True)
class BGNBDParams:
    """r, alpha (weeks): the rates. a, b: the chance to leave after a repeat purchase, a/(a+b) in the mean."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class BGNBDFit:
    """The maximum and whether to believe it.

    params is None where there are too few repeaters to try. dropout_identified: the data show that customers leave;
    if not, forecast with `nbd`. reason: one of "identified", "dropout_not_identified", "too_few_repeaters",
    "not_converged".
    """

    params: BGNBDParams | None
    log_likelihood: float | None
    converged: bool
    dropout_identified: bool
    reason: str
    nbd: nbd.NBDFit


def fit(summary: Summary) -> BGNBDFit:
    """Maximum likelihood, and the comparison with NBD, the same model without leaving."""
    plain = nbd.fit(summary)
    if summary.repeaters < TOO_FEW_REPEATERS:
        return BGNBDFit(None, None, False, False, "too_few_repeaters", plain)
    theta, log_likelihood, converged = bg_nbd_likelihood.maximise(summary, plain.params)
    r, alpha, odds, b = (float(value) for value in np.exp(theta))
    identified = converged and log_likelihood - plain.log_likelihood > evidence_needed(summary.customers)
    reason = "identified" if identified else "dropout_not_identified" if converged else "not_converged"
    return BGNBDFit(BGNBDParams(r, alpha, odds * b, b), log_likelihood, converged, identified, reason, plain)


def evidence_needed(customers: int) -> float:
    """Log-likelihood by which BG/NBD must beat NBD before we say that customers leave.

    NBD is BG/NBD with a = 0: on the border of the parameters, and there b means nothing, so the likelihood ratio has
    no chi-squared law. We ask for the larger of two bounds: 4.61 (1 % of chi-squared with both parameters free, which
    is conservative on a border) and the Schwarz criterion for two parameters, ln(customers), so that a million
    customers do not make a dropout of no consequence "significant". Online Retail's first year has 1.73, its first
    nine months 0.44: not identified; CDNOW 181.
    Source: Self & Liang, JASA 82 (1987); Davies, Biometrika 74 (1987); Schwarz, Annals of Statistics 6 (1978).
    """
    return float(max(4.605, np.log(max(customers, 1))))


def probability_alive(params: BGNBDParams, x: Numbers, t_x: Numbers, T: Numbers) -> Floats:
    """Probability that each customer has not left for good, shape (n,), in [0, 1].

    x: repeat purchases. t_x, T: weeks from the first purchase to the last one and to now.
    Exactly 1 where x is 0: in BG/NBD a customer can leave only after a repeat purchase. ValueError if any t_x > T.
    Source: Fader, Hardie & Lee, "Computing P(alive) Using the BG/NBD Model", brucehardie.com/notes/021.
    """
    if np.any(t_x > T):
        raise ValueError("A last purchase lies after the cut.")
    # log1p of the silent weeks instead of a power of (alpha+T)/(alpha+t_x): the power overflows for frequent buyers.
    silence = (params.r + x) * np.log1p((T - t_x) / (params.alpha + t_x))
    log_odds_gone = np.log(params.a) - np.log(params.b + np.maximum(x, 1) - 1) + silence
    return np.where(x == 0, 1.0, expit(-log_odds_gone))


def expected_orders(params: BGNBDParams, t: float, x: Numbers, t_x: Numbers, T: Numbers) -> Floats:
    """Orders expected in the next t weeks given each history, shape (n,). Source: equation (10) of the paper.

    The paper's form subtracts near-equal terms and divides by a - 1. Here it is P(alive) times the expectation of
    [1 - (1 + p t/(alpha+T))^-(r+x)] / p over p ~ Beta(a, b+x), the posterior of a customer who is alive: the same
    number, with only positive terms, at a = 1 and at any b.
    """
    return probability_alive(params, x, t_x, T) * expected_orders_if_alive(params, t, x, T)


def expected_orders_if_alive(params: BGNBDParams, t: float, x: Numbers, T: Numbers) -> Floats:
    """The expectation above without P(alive), shape (n,); depends on x and T only, so each pair is computed once."""
    pairs, back = np.unique(np.column_stack((x, T)), axis=0, return_inverse=True)
    result = np.empty(len(pairs))
    for count in np.unique(pairs[:, 0]):
        rows = np.flatnonzero(pairs[:, 0] == count)
        p, weight = beta_quadrature(params.a, params.b + count, _NODES)
        for start in range(0, len(rows), _CHUNK):
            part = rows[start : start + _CHUNK]
            stretch = t / (params.alpha + pairs[part, 1])
            result[part] = _orders_at(p, stretch, params.r + count) @ weight
    return result[back.ravel()]


def _orders_at(p: Floats, stretch: Floats, shape: float) -> Floats:
    """Orders expected from a customer alive who leaves with chance p after each, shape (n, nodes)."""
    return -np.expm1(-shape * np.log1p(np.outer(stretch, p))) / p


def expected_orders_new_customer(params: BGNBDParams, t: float) -> float:
    """Repeat orders expected in the first t weeks after a first purchase. Source: equation (9) of the paper."""
    return float(expected_orders_if_alive(params, t, np.zeros(1), np.zeros(1))[0])


def probability_of_no_order(params: BGNBDParams, t: float, x: Numbers, t_x: Numbers, T: Numbers) -> Floats:
    """Churn risk: probability of no order in the next t weeks given each history, shape (n,), in [0, 1].

    A customer orders nothing because they have left, or because they are alive and silent; alive, the next order comes
    at their rate, whose posterior is gamma (r+x, alpha+T), and leaving is possible only after it. So the paper's
    P(X(t)=0) has the closed form 1 - P(alive) [1 - ((alpha+T)/(alpha+T+t))^(r+x)].
    """
    orders_if_alive = -np.expm1(-(params.r + x) * np.log1p(t / (params.alpha + T)))
    return 1.0 - probability_alive(params, x, t_x, T) * orders_if_alive
