import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.domain.lifecycle import (
    DEFAULT_SHOP_GAP_DAYS,
    History,
    Reason,
    Stage,
    lifecycle,
    shop_typical_gap,
)

FRESH = {Stage.NEW, Stage.ACTIVE, Stage.LOYAL, Stage.WON_BACK}


def history(*customers):
    """From (days of purchases in order, silence since the last): [0, 24, 48], 9 bought three times, last 9 days ago."""
    gaps = [np.diff(days) for days, _ in customers]
    return History.of(
        purchase_days=[len(days) for days, _ in customers],
        days_since_first=[days[-1] - days[0] + silence if days else 0 for days, silence in customers],
        days_since_last=[silence if days else 0 for days, silence in customers],
        sum_squared_gaps=[int((gap**2).sum()) for gap in gaps],
        last_gap=[int(gap[-1]) if len(gap) else 0 for gap in gaps],
    )


def stage_of(days, silence, shop_gap=60.0):
    found = lifecycle(history((days, silence)), shop_gap_days=shop_gap)
    return Stage(found.stage[0]), Reason(found.reason[0])


def test_a_life():
    assert stage_of([], 0) == (Stage.PROSPECT, Reason.NO_PURCHASE)
    assert stage_of([0], 10) == (Stage.NEW, Reason.FIRST_PURCHASE)
    assert stage_of([0, 30], 10) == (Stage.ACTIVE, Reason.ON_RHYTHM)
    assert stage_of([0, 30, 60, 90, 120], 10) == (Stage.LOYAL, Reason.MANY_ON_RHYTHM)
    assert stage_of([0, 30, 60, 90, 120], 80) == (Stage.AT_RISK, Reason.OVERDUE)
    assert stage_of([0, 30, 60, 90, 120], 120) == (Stage.DORMANT, Reason.OVERDUE)
    assert stage_of([0, 30, 60, 90, 120], 200) == (Stage.LOST, Reason.OVERDUE)
    assert stage_of([0, 30, 60, 90, 120, 420], 10) == (Stage.WON_BACK, Reason.RETURNED)
    assert stage_of([0, 30, 60, 90, 120, 420, 450], 10) == (Stage.LOYAL, Reason.MANY_ON_RHYTHM)


def test_one_purchase_is_judged_by_the_rhythm_of_the_shop():
    """Typical gap 60, spread 60: late after 120, dormant after 210, lost after 360 days."""
    assert stage_of([0], 120) == (Stage.NEW, Reason.FIRST_PURCHASE)
    assert stage_of([0], 121) == (Stage.AT_RISK, Reason.NO_SECOND_PURCHASE)
    assert stage_of([0], 211) == (Stage.DORMANT, Reason.NO_SECOND_PURCHASE)
    assert stage_of([0], 361) == (Stage.LOST, Reason.NO_SECOND_PURCHASE)
    assert stage_of([0], 41, shop_gap=20.0) == (Stage.AT_RISK, Reason.NO_SECOND_PURCHASE)


def test_the_same_silence_means_different_things_to_different_rhythms():
    weekly = list(range(0, 7 * 20, 7))
    yearly = [0, 360, 725, 1090, 1450]
    assert stage_of(weekly, 60)[0] is Stage.LOST
    assert stage_of(yearly, 60)[0] is Stage.LOYAL


def test_regular_buyers_are_missed_sooner_than_erratic_ones():
    regular = lifecycle(history((list(range(0, 300, 30)), 1)))
    erratic = lifecycle(history(([0, 1, 2, 60, 61, 62, 180, 181, 182, 270], 1)))
    assert regular.typical_gap_days == pytest.approx(erratic.typical_gap_days)
    assert regular.at_risk_after_days < erratic.at_risk_after_days


def test_the_reason_has_its_numbers():
    """Eleven gaps of 24 days and two borrowed of 60: about every 29.5 days, and 33 silent."""
    found = lifecycle(history((list(range(0, 24 * 12, 24)), 33)), shop_gap_days=60.0)
    assert found.typical_gap_days == pytest.approx([384 / 13])
    assert found.overdue_days == pytest.approx([33 - 384 / 13])
    spread = 384 / 13 * np.sqrt(2 / 13)
    assert found.at_risk_after_days == pytest.approx([384 / 13 + spread])
    assert found.dormant_after_days == pytest.approx([384 / 13 + 2.5 * spread])
    assert found.lost_after_days == pytest.approx([384 / 13 + 5 * spread])


def test_daily_buyers_may_take_a_week_off():
    daily = list(range(200))
    assert stage_of(daily, 7)[0] is Stage.LOYAL
    assert stage_of(daily, 9)[0] is Stage.AT_RISK


def test_who_came_back_is_judged_by_the_rhythm_before_the_gap():
    found = lifecycle(history(([0, 30, 60, 90, 120, 620], 10)))
    before = lifecycle(history(([0, 30, 60, 90, 120], 10)))
    assert found.typical_gap_days == pytest.approx(before.typical_gap_days)


def test_typical_gap_of_the_shop_is_the_middle_customer_not_the_keenest():
    assert shop_typical_gap([1, 2, 3, 101], [90, 50, 100, 100], [90, 0, 20, 0]) == 40.0
    assert shop_typical_gap([1, 1], [5, 9], [5, 9]) == DEFAULT_SHOP_GAP_DAYS
    assert shop_typical_gap([], [], []) == DEFAULT_SHOP_GAP_DAYS


def test_nobody_has_no_stage():
    assert lifecycle(history()).stage.shape == (0,)


@pytest.mark.parametrize("wrong", [{"days_since_last": [-1]}, {"days_since_last": [41]}, {"last_gap": [50]}])
def test_impossible_histories_are_refused(wrong):
    right = {"purchase_days": [2], "days_since_first": [40], "days_since_last": [10], "sum_squared_gaps": [900]}
    with pytest.raises(ValueError, match="Each history needs"):
        History.of(**{**right, "last_gap": [30], **wrong})


def test_columns_of_unlike_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        History.of(purchase_days=[1, 1], days_since_first=[1], days_since_last=[1], sum_squared_gaps=[0], last_gap=[0])


purchases = st.lists(st.integers(1, 4000), min_size=0, max_size=30).map(lambda gaps: np.cumsum([0, *gaps]).tolist())


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(purchases, st.floats(0, 1e6))
def test_silence_only_moves_towards_lost(days, shop_gap):
    silences = list(range(60)) + list(range(60, 4000, 13)) + [100_000]
    found = lifecycle(history(*((days, silence) for silence in silences)), shop_gap_days=shop_gap)
    fresh = np.isin(found.stage, [int(stage) for stage in FRESH])
    rank = np.where(fresh, 0, found.stage)
    assert np.all(np.diff(rank) >= 0)
    assert len(set(found.stage[fresh].tolist())) == 1
    assert found.stage[-1] == Stage.LOST
    assert np.all(np.diff(found.overdue_days) >= 0)


@settings(max_examples=200, deadline=None)
@given(purchases, st.integers(0, 100_000), st.floats(0, 1e6))
def test_a_purchase_today_always_makes_a_customer_fresh(days, silence, shop_gap):
    back = lifecycle(history(([*days, days[-1] + silence + 1], 0)), shop_gap_days=shop_gap)
    assert Stage(back.stage[0]) in FRESH
    assert np.isfinite(back.lost_after_days).all()
