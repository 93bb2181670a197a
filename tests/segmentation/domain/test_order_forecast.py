import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.domain import bg_nbd, gamma_gamma, nbd
from segmentation.domain.clv import clv_365d
from segmentation.domain.orders import LONGEST_WAIT_DAYS, OrderModel, fit_orders, forecast
from segmentation.domain.prior import Confidence
from segmentation.domain.summary import Summary

pytestmark = pytest.mark.slow

FIELDS = (
    "p_alive",
    "expected_orders_30d",
    "expected_orders_90d",
    "expected_orders_365d",
    "discounted_orders_365d",
    "churn_risk",
)


@pytest.fixture(scope="module")
def shop(cdnow):
    return cdnow, fit_orders(cdnow.x, cdnow.t_x, cdnow.T)


def test_forecast_is_the_model_row_by_row(shop):
    cdnow, model = shop
    found = forecast(model, cdnow.x, cdnow.t_x, cdnow.T)
    args = (cdnow.x, cdnow.t_x / 7, cdnow.T / 7)

    assert model.confidence is Confidence.HIGH
    assert found.p_alive == pytest.approx(bg_nbd.probability_alive(model.fit.params, *args))
    for days, column in ((30, found.expected_orders_30d), (365, found.expected_orders_365d)):
        assert column == pytest.approx(bg_nbd.expected_orders(model.fit.params, days / 7, *args), rel=1e-9)
    assert found.churn_risk == pytest.approx(bg_nbd.probability_of_no_order(model.fit.params, 90 / 7, *args))


def test_half_of_the_chance_of_an_order_lies_before_the_next_order_date(shop):
    cdnow, model = shop
    found = forecast(model, cdnow.x, cdnow.t_x, cdnow.T)
    dated = np.flatnonzero(~np.isnan(found.next_order_days))
    assert dated.size > 300
    for row in dated[::40]:
        history = (cdnow.x[[row]], cdnow.t_x[[row]] / 7, cdnow.T[[row]] / 7)
        silent = bg_nbd.probability_of_no_order(model.fit.params, found.next_order_days[row] / 7, *history)
        assert silent == pytest.approx([0.5])
    undated = np.isnan(found.next_order_days) & (found.p_alive > 0.5)
    history = (cdnow.x[undated], cdnow.t_x[undated] / 7, cdnow.T[undated] / 7)
    assert bg_nbd.probability_of_no_order(model.fit.params, LONGEST_WAIT_DAYS / 7, *history).min() > 0.5


def test_one_time_buyers_are_not_all_safe(shop):
    """P(alive) is 1 for each of them; the risk is not, and falls the more recently they came."""
    cdnow, model = shop
    once = cdnow.x == 0
    found = forecast(model, cdnow.x, cdnow.t_x, cdnow.T)
    assert set(found.p_alive[once]) == {1.0}
    assert found.churn_risk[once].min() > 0.85
    order = np.argsort(cdnow.T[once])
    assert np.all(np.diff(found.churn_risk[once][order]) >= 0)


def test_a_shop_whose_data_do_not_show_dropout_is_forecast_by_nbd(s2):
    model = fit_orders(s2.x, s2.t_x, s2.T)
    found = forecast(model, s2.x, s2.t_x, s2.T)
    assert (model.leaving, model.confidence, model.fit.reason) == (None, Confidence.MEDIUM, "dropout_not_identified")
    assert set(found.p_alive) == {1.0}
    assert found.expected_orders_90d == pytest.approx(nbd.expected_orders(model.fit.nbd.params, 90 / 7, s2.x, s2.T / 7))
    assert model.orders_if_alive(91, s2.x, s2.T).sum() == pytest.approx(3445, rel=0.005)


def test_discount_takes_a_little_less_than_half_a_years_rate(shop):
    cdnow, model = shop
    found = forecast(model, cdnow.x, cdnow.t_x, cdnow.T, discount_rate=0.10)
    plain = forecast(model, cdnow.x, cdnow.t_x, cdnow.T, discount_rate=0.0)
    assert plain.discounted_orders_365d == pytest.approx(plain.expected_orders_365d)
    share = found.discounted_orders_365d.sum() / found.expected_orders_365d.sum()
    assert 1.1**-0.5 < share < 1.1**-0.45


def test_value_is_orders_times_order_value_and_never_negative():
    assert clv_365d(np.array([2.0, 0.0, 3.0]), np.array([30.0, 10.0, -1.0])).tolist() == [60.0, 0.0, 0.0]


@st.composite
def shops(draw):
    """Up to 200 customers of any possible history: alike or not, seen for no time or for eight years."""
    kinds = draw(st.lists(st.tuples(st.integers(0, 3_000), st.floats(0, 1), st.floats(0, 1)), max_size=12))
    copies = draw(st.integers(1, 17))
    rows = []
    for T, last, often in kinds:
        t_x = round(T * last)
        rows += [(min(t_x, max(1, round(t_x * often))), t_x, T)] * copies
    return np.array(rows, dtype=np.int64).reshape(-1, 3).T


@settings(max_examples=40, deadline=None)
@given(shops(), st.sampled_from([0.0, 0.01, 25.0, 1e9]))
def test_no_shop_breaks_the_forecast(columns, money):
    x, t_x, T = columns
    model = fit_orders(x, t_x, T)
    found = forecast(model, x, t_x, T)
    spend = gamma_gamma.fit(x, np.full(len(x), money), mean_order_value=money)
    value = gamma_gamma.expected_value(spend.params, x, np.full(len(x), money))

    for name in FIELDS:
        assert np.all(np.isfinite(getattr(found, name)) & (getattr(found, name) >= 0)), name
    assert np.all(found.p_alive <= 1)
    assert np.all(found.churn_risk <= 1)
    assert np.all(found.expected_orders_30d <= found.expected_orders_90d)
    assert np.all(found.expected_orders_90d <= found.expected_orders_365d)
    for days in (30, 90, 365):
        assert np.all(getattr(found, f"expected_orders_{days}d") <= days)
    assert np.all(found.discounted_orders_365d <= found.expected_orders_365d)
    assert np.all(np.isnan(found.next_order_days) | (found.next_order_days >= 0))
    assert np.all(np.isfinite(value) & (value >= 0) & (value <= 2 * money + 1))


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(0, 0, 0)],
        [(0, 0, 0)] * 200,
        [(0, 0, 365)] * 5000,
        [(365, 365, 365)] * 100,
        [(1, 1, 1)] * 100,
        [(0, 0, 90)] * 1000 + [(80, 89, 90)],
        [(1, 10_000, 20_000)] * 60 + [(20_000, 20_000, 20_000)],
    ],
    ids=["nobody", "one today", "all today", "all once", "all daily", "two days", "one keen", "decades"],
)
def test_odd_shops_get_a_sane_forecast(rows):
    x, t_x, T = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    model = fit_orders(x, t_x, T)
    found = forecast(model, x, t_x, T)
    assert len(found.p_alive) == len(rows)
    assert all(np.all(np.isfinite(getattr(found, name))) for name in FIELDS)
    if rows and all(row == (0, 0, 365) for row in rows):
        assert found.expected_orders_365d.max() < 0.01
    if rows and all(row == (365, 365, 365) for row in rows):
        assert found.expected_orders_30d == pytest.approx(30.0, rel=0.01)


def test_nobody_is_forecast_more_than_one_purchase_a_day():
    plain = nbd.NBDFit(nbd.NBDParams(r=100.0, alpha=1.0), 0.0, True, False)
    model = OrderModel(bg_nbd.BGNBDFit(None, None, False, False, "too_few_repeaters", plain), 1, 0)
    assert model.orders_if_alive(30, np.zeros(1), np.zeros(1)).tolist() == [30.0]


def test_few_repeaters_are_said_to_be_few(cdnow):
    few = np.flatnonzero(cdnow.x > 0)[:49]
    model = fit_orders(cdnow.x[few], cdnow.t_x[few], cdnow.T[few])
    assert (model.fit.reason, model.confidence, model.fit.params) == ("too_few_repeaters", Confidence.LOW, None)
    assert model.fit.nbd.pooled


@pytest.mark.parametrize("history", [(1, 0, 5), (0, 3, 5), (1, 6, 5), (-1, 0, 5), (4, 3, 5)])
def test_impossible_histories_are_refused(history):
    with pytest.raises(ValueError, match="Each history needs"):
        fit_orders(*([value] for value in history))


def test_fractions_of_days_and_columns_of_unlike_length_are_refused():
    with pytest.raises(ValueError, match="whole numbers"):
        fit_orders([1], [2.5], [4])
    with pytest.raises(ValueError, match="one length"):
        fit_orders([1, 1], [2], [4])


def test_equal_histories_become_one_row_with_their_weight():
    summary = Summary.from_days([2, 0, 2, 0], [5, 0, 5, 0], [9, 9, 9, 8])
    found = [column.tolist() for column in (summary.x, summary.t_x_days, summary.T_days, summary.weight)]
    assert found == [[0, 0, 2], [0, 0, 5], [8, 9, 9], [1, 1, 2]]
    assert (summary.customers, summary.repeaters, summary.repeat_purchases) == (4, 2, 4)


def test_the_sample_for_the_first_climb_keeps_the_shape(cdnow):
    summary = Summary.from_days(cdnow.x, cdnow.t_x, cdnow.T)
    sample = summary.sample(500)
    assert sample.customers == 500
    assert sample.repeaters / 500 == pytest.approx(946 / 2357, abs=0.005)
    assert summary.sample(5000) is summary


def test_a_large_shop_is_fitted_from_its_sample_to_the_same_maximum(cdnow):
    """Twenty copies of CDNOW: the parameters do not move, the likelihood is twenty times as long."""
    model = fit_orders(*(np.tile(column, 20) for column in (cdnow.x, cdnow.t_x, cdnow.T)))
    assert isinstance(model, OrderModel)
    assert model.fit.params.__getstate__() == pytest.approx([0.242595, 4.413602, 0.792922, 2.425906], rel=1e-4)
    assert model.fit.log_likelihood == pytest.approx(20 * -9582.42921, abs=0.01)
