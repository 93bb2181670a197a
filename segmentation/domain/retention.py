"""Cohort retention from counts: of those who came in one month, what share bought again n months later."""

from __future__ import annotations

import numpy as np

from segmentation.domain.summary import Floats, Integers


def retention_rates(buyers: Integers, months_observed: Integers) -> Floats:
    """Rates 0–1, shape (cohorts, months): buyers in each month after the first purchase over the cohort's size.

    buyers: shape (cohorts, months), column 0 the cohort's size. months_observed: how many columns have fully passed.
    NaN where the month has not fully passed, so that a young cohort does not look as if it had left.
    """
    size = buyers[:, :1].astype(np.float64)
    rates = np.divide(buyers, size, out=np.zeros(buyers.shape), where=size > 0)
    passed = np.arange(buyers.shape[1]) < months_observed[:, None]
    return np.where(passed, rates, np.nan)
