import numpy as np
import pytest

from segmentation.domain import nbd
from segmentation.domain.nbd import NBDParams
from segmentation.domain.prior import NBD_PRIOR
from segmentation.domain.summary import Summary


def test_fit_of_cdnow(cdnow):
    fit = nbd.fit(Summary.from_days(cdnow.x, cdnow.t_x, cdnow.T))
    assert (fit.params.r, fit.params.alpha) == pytest.approx((0.384766, 12.072023), rel=1e-5)
    assert fit.log_likelihood == pytest.approx(-9763.65761, abs=1e-4)
    assert (fit.converged, fit.pooled) == (True, False)


@pytest.mark.parametrize("name", ["s1", "s2"])
def test_fit_of_online_retail(name, request):
    shop = request.getfixturevalue(name)
    fit = nbd.fit(Summary.from_days(shop.x, shop.t_x, shop.T))
    known = shop.truth["nbd_weeks"]
    assert (fit.params.r, fit.params.alpha) == pytest.approx((known["r"], known["alpha"]), rel=1e-5)
    assert fit.log_likelihood == pytest.approx(known["LL"], abs=1e-4)


def test_forecast_by_hand():
    params, x, T = NBDParams(r=1.0, alpha=10.0), np.array([0.0, 4.0]), np.array([10.0, 40.0])
    assert nbd.expected_orders(params, 5, x, T).tolist() == [0.25, 0.5]
    assert nbd.probability_of_no_order(params, 5, x, T) == pytest.approx([20 / 25, (50 / 55) ** 5])


def test_without_data_the_prior_is_the_answer():
    fit = nbd.fit(Summary.from_days([], [], []))
    assert (fit.params.r, fit.params.alpha) == pytest.approx((NBD_PRIOR.r, NBD_PRIOR.alpha), rel=1e-4)
    assert fit.pooled


def test_few_customers_lean_on_the_prior_and_many_do_not():
    """Everybody buys once in 20 weeks: ten of them move the prior's rate of 0.052 a week down, 49 more so."""
    rates = []
    for count in (1, 10, 49, 50):
        fit = nbd.fit(Summary.from_days([1] * count, [70] * count, [140] * count))
        rates.append(fit.params.r / fit.params.alpha)
        assert fit.pooled == (count < 50)
    assert rates[3] == pytest.approx(0.05, rel=1e-3)
    assert np.all(np.abs(np.diff(np.abs(np.array(rates) - 0.05))) < 0.01)


def test_prior_gradient_is_its_slope():
    theta, step = np.array([-1.0, 3.0]), 1e-6
    slopes = [
        (NBD_PRIOR.log_density(theta + step * e)[0] - NBD_PRIOR.log_density(theta - step * e)[0]) / (2 * step)
        for e in np.eye(2)
    ]
    assert NBD_PRIOR.log_density(theta)[1] == pytest.approx(slopes, rel=1e-6)
