import numpy as np
import pytest

from segmentation.domain.clv import at_stake
from segmentation.domain.purchases import orders_per_purchase


def test_orders_on_a_day_lean_on_the_shops_where_days_are_few():
    found = orders_per_purchase(np.array([1, 90, 9]), np.array([1, 45, 4]))
    shop = 100 / 50
    assert found == pytest.approx([(1 + 5 * shop) / 6, (90 + 5 * shop) / 50, (9 + 5 * shop) / 9])


def test_who_buys_once_a_day_has_as_many_orders_as_days():
    days = np.array([1, 7, 30])
    assert orders_per_purchase(days, days).tolist() == [1.0, 1.0, 1.0]
    assert orders_per_purchase(days[:0], days[:0]).tolist() == []


def test_a_day_without_an_order_is_refused():
    with pytest.raises(ValueError, match="an order on each"):
        orders_per_purchase(np.array([1]), np.array([2]))


def test_at_stake_is_money_times_the_chance_of_losing_it():
    clv, risk, x = np.array([1000.0, 1000.0, 5000.0, 0.0]), np.array([0.6, 0.19, 0.9, 1.0]), np.array([4, 4, 0, 2])
    found = at_stake(clv, risk, x)
    assert found[[0, 3]].tolist() == [600.0, 0.0]
    assert np.isnan(found[[1, 2]]).all()
