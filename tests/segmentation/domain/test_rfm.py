import numpy as np
import pytest

from segmentation.domain.rfm import (
    RFMGroup,
    checked_bounds,
    group,
    group_rows,
    quintile_bounds,
    score,
    score_days,
)


def test_every_cell_has_a_group_and_every_group_a_cell():
    rows = list(group_rows())
    assert len({row[:3] for row in rows}) == len(rows) == 125
    assert {row[3] for row in rows} == set(RFMGroup)
    assert len(RFMGroup) == 11


def test_corners_of_the_table():
    assert group(5, 5, 5) is RFMGroup.CHAMPIONS
    assert group(5, 1, 1) is RFMGroup.NEW
    assert group(1, 1, 1) is RFMGroup.LOST
    assert group(1, 5, 5) is RFMGroup.CANNOT_LOSE
    assert group(3, 3, 3) is RFMGroup.NEEDS_ATTENTION
    assert group(4, 4, 3) is RFMGroup.LOYAL


def test_few_large_orders_weigh_like_many_small_ones():
    assert all(group(r, f, m) is group(r, m, f) for r, f, m, _ in group_rows())


@pytest.mark.parametrize("name", ["s1", "s2"])
def test_bounds_of_online_retail(name, request):
    shop = request.getfixturevalue(name)
    known = shop.truth["rfm"]["quantiles"]
    for column, tolerance in (("recency", 0), ("frequency", 0), ("monetary", 0.01)):
        values = shop.rows[column].astype(float)
        assert quintile_bounds(values) == pytest.approx(known[column], rel=tolerance)


def test_equal_values_get_equal_scores_in_any_order():
    orders = np.array([1, 1, 1, 1, 1, 1, 2, 2, 3, 9])
    bounds = quintile_bounds(orders)
    assert bounds == (1, 1, 1, 2)
    assert score(orders, bounds).tolist() == [1, 1, 1, 1, 1, 1, 4, 4, 5, 5]
    assert score(orders[::-1], bounds).tolist() == [5, 5, 4, 4, 1, 1, 1, 1, 1, 1]


def test_fewer_days_score_higher():
    days = np.array([1, 2, 3, 4, 5])
    assert score_days(days, quintile_bounds(days)).tolist() == [5, 4, 3, 2, 1]
    assert score_days(np.array([7, 7]), quintile_bounds(np.array([7, 7]))).tolist() == [5, 5]


def test_a_shop_may_set_its_own_bounds():
    bounds = checked_bounds([30, 90, 180, 365])
    assert score_days(np.array([1, 30, 31, 200, 366]), bounds).tolist() == [5, 5, 4, 2, 1]


@pytest.mark.parametrize("bounds", [[1, 2, 3], [1, 3, 2, 4], [1, 2, 3, float("nan")], [1, 2, 3, float("inf")]])
def test_bounds_that_do_not_rise_are_refused(bounds):
    with pytest.raises(ValueError, match=r"bounds are needed|must rise"):
        checked_bounds(bounds)


def test_nobody_has_no_bounds():
    assert quintile_bounds([]) is None
