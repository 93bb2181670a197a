import json

import numpy as np
import pytest

from segmentation.domain.backtest import auc, backtest, compare, tenths
from segmentation.domain.bg_nbd import BGNBDParams, probability_alive


def test_auc_by_hand_with_ties_counted_half():
    bought = np.array([False, True, False, True])
    assert auc(np.array([1.0, 2.0, 3.0, 4.0]), bought) == 0.75
    assert auc(np.array([1.0, 1.0, 1.0, 1.0]), bought) == 0.5
    assert auc(np.array([1.0, 2.0, 2.0, 3.0]), bought) == 0.875
    assert auc(np.array([1.0, 2.0]), np.array([True, True])) is None
    assert auc(np.zeros(0), np.zeros(0, dtype=bool)) is None


def test_tenths_keep_equal_values_together():
    assert tenths(np.arange(20.0)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10]
    assert tenths(np.array([0.0] * 8 + [1.0, 2.0])).tolist() == [4] * 8 + [9, 10]
    assert tenths(np.zeros(0)).tolist() == []


@pytest.mark.slow
def test_last_quarter_of_online_retail(s2):
    """The fallback ranks as well as plain frequency, P(alive) alone worse than chance: it is 1 for one-time buyers."""
    known = s2.truth["holdout"]
    found = backtest(s2.x, s2.t_x, s2.T, s2.x_star, days=91)
    truth = s2.truth["bgnbd_weeks"]
    params = BGNBDParams(truth["r"], truth["alpha"], truth["a"], truth["b"])
    alive = probability_alive(params, s2.x, s2.t_x / 7, s2.T / 7)

    assert (found.model, found.customers, found.actual_orders) == ("nbd", 3321, 4283)
    assert found.expected_orders == pytest.approx(known["forecast"], rel=0.005)
    assert found.order_error == pytest.approx(-0.19, abs=0.005)
    assert known["auc_cond_exp"] < found.auc < known["auc_cond_exp"] + 0.006
    assert found.auc_frequency == pytest.approx(known["auc_frequency"], abs=1e-5)
    assert found.auc_recency == pytest.approx(known["auc_recency"], abs=1e-5)
    assert auc(alive, s2.x_star > 0) == pytest.approx(known["auc_p_alive"], abs=1e-4)
    assert found.correlation == pytest.approx(known["corr"], abs=0.002)
    assert found.actual_buyers / found.customers == pytest.approx(known["base_rate"], abs=1e-6)
    assert 0.05 < found.calibration_error < 0.25


def test_holdout_of_cdnow(cdnow):
    found = backtest(cdnow.x, cdnow.t_x, cdnow.T, cdnow.x_star, days=273)
    assert found.model == "bg_nbd"
    assert found.expected_orders == pytest.approx(1653.4, abs=0.1)
    assert found.correlation == pytest.approx(0.6256, abs=5e-5)
    assert found.calibration_error < 0.06
    # An honest page shows it: for buying at all in nine months, plain recency ranks CDNOW's customers a little better.
    assert (found.auc, found.auc_recency) == (pytest.approx(0.757, abs=5e-4), pytest.approx(0.771, abs=5e-4))


def test_deciles_add_up_and_survive_json(cdnow):
    found = backtest(cdnow.x, cdnow.t_x, cdnow.T, cdnow.x_star, days=273)
    table = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert sum(row["customers"] for row in table["deciles"]) == 2357
    assert sum(row["actual_orders"] for row in table["deciles"]) == 1882
    assert sum(row["expected_orders"] for row in table["deciles"]) == pytest.approx(table["expected_orders"])
    assert table["deciles"][-1]["decile"] == 10
    means = [row["expected_orders"] / row["customers"] for row in table["deciles"]]
    assert means == sorted(means)


def test_calibration_error_by_hand():
    """Two groups: 0.2 forecast and half bought (0.3 off), 0.9 forecast and all bought (0.1 off)."""
    chance, actual = np.array([0.2, 0.2, 0.9, 0.9]), np.array([1, 0, 3, 1])
    x = np.array([0, 0, 1, 1])
    found = compare(chance, chance, actual, x, x, days=90, model="nbd")
    assert found.calibration_error == pytest.approx((0.6 + 0.2) / 4)


def test_a_quarter_without_orders_or_customers_has_no_rates():
    none = np.zeros(0, dtype=np.int64)
    empty = backtest(none, none, none, none, days=90)
    assert (empty.customers, empty.order_error, empty.auc, empty.calibration_error, empty.deciles) == (
        0,
        *[None] * 3,
        (),
    )
    x = np.zeros(3, dtype=np.int64)
    silent = backtest(x, x, x + 100, x, days=90)
    assert (silent.actual_orders, silent.order_error, silent.auc, silent.correlation) == (0, None, None, None)
