"""Published values: Fader & Hardie, "The Gamma-Gamma Model of Monetary Value", 2013."""

import numpy as np
import pytest

from segmentation.domain import gamma_gamma
from segmentation.domain.gamma_gamma import GammaGammaParams
from segmentation.domain.prior import SPEND_PRIOR_P, SPEND_PRIOR_Q


def test_fit_of_cdnow_is_the_published_one(cdnow):
    fit = gamma_gamma.fit(cdnow.x, cdnow.zbar)
    assert (fit.params.p, fit.params.q, fit.params.gamma) == pytest.approx((6.249573, 3.744224, 15.443517), rel=1e-4)
    assert fit.log_likelihood == pytest.approx(-4055.91769, abs=1e-3)
    assert (fit.repeaters, fit.pooled) == (946, False)


@pytest.mark.parametrize("name", ["s1", "s2"])
def test_fit_of_online_retail_and_every_customer(name, request):
    shop = request.getfixturevalue(name)
    fit = gamma_gamma.fit(shop.x, shop.zbar)
    known = shop.truth["gg"]
    assert (fit.params.p, fit.params.q, fit.params.gamma) == pytest.approx(
        (known["p"], known["q"], known["gamma"]), rel=1e-4
    )
    assert (fit.log_likelihood, fit.repeaters) == (pytest.approx(known["LL"], abs=1e-3), known["n"])
    assert fit.params.mean == pytest.approx(shop.truth["gg_popmean"], rel=1e-4)
    value = gamma_gamma.expected_value(fit.params, shop.x, shop.zbar)
    assert value == pytest.approx(shop.rows["exp_value"].astype(float), rel=1e-3)


def test_first_ten_customers(cdnow):
    value = gamma_gamma.expected_value(GammaGammaParams(6.25, 3.74, 15.44), cdnow.x[:10], cdnow.zbar[:10])
    published = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    assert value == pytest.approx(published, abs=0.1)


def test_gradient_is_the_slope_of_the_likelihood(cdnow):
    known = cdnow.x > 0
    likelihood = gamma_gamma._Likelihood(cdnow.x[known].astype(float), np.maximum(cdnow.zbar[known], 0.01))
    theta, step = np.log([3.0, 2.0, 40.0]), 1e-6
    slopes = [(likelihood(theta + step * e)[0] - likelihood(theta - step * e)[0]) / (2 * step) for e in np.eye(3)]
    assert likelihood(theta)[1] == pytest.approx(slopes, rel=1e-5)


def test_few_repeaters_take_the_pooled_shape_and_their_own_mean():
    fit = gamma_gamma.fit(np.full(10, 2), np.full(10, 30.0), mean_order_value=99.0)
    assert (fit.params.p, fit.params.q, fit.pooled) == (SPEND_PRIOR_P, SPEND_PRIOR_Q, True)
    assert fit.params.mean == pytest.approx(30.0)


def test_without_repeaters_the_mean_of_all_orders_is_used():
    fit = gamma_gamma.fit(np.zeros(5), np.zeros(5), mean_order_value=42.0)
    assert fit.params.mean == pytest.approx(42.0)
    assert (fit.log_likelihood, fit.pooled, fit.repeaters) == (None, True, 0)


def test_giants_without_a_mean_do_not_set_the_mean_of_all():
    """Spend so heavy-tailed that the fitted mean would be no mean: the shop's own level is kept."""
    cauchy = np.tan(np.pi * (np.linspace(0, 1, 202)[1:-1] - 0.5))
    zbar = np.exp(np.clip(cauchy, -8, 8))
    fit = gamma_gamma.fit(np.ones(200), zbar)
    assert fit.pooled
    assert fit.params.mean == pytest.approx(zbar.mean())


def test_value_lies_between_own_and_shop_mean_and_nears_the_own():
    params = GammaGammaParams(6.25, 3.74, 15.44)
    value = gamma_gamma.expected_value(params, np.array([0, 1, 5, 500]), np.full(4, 100.0))
    assert value[0] == pytest.approx(params.mean)
    assert np.all(np.diff(value) > 0)
    assert value[3] == pytest.approx(100.0, rel=0.001)


def test_returns_above_purchases_count_as_nothing():
    params = GammaGammaParams(6.25, 3.74, 15.44)
    found = gamma_gamma.expected_value(params, np.array([3, 3, 3]), np.array([-50.0, 0.0, np.nan]))
    assert np.unique(found).size == 1
    assert found[0] > 0
