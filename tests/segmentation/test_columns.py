"""Packed columns: what a run writes, and the order in which they are read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.tenancy.scope import shop_scope
from segmentation.columns import Wanted, first_of, matching, read_columns, write_columns
from segmentation.models import CustomerScore, ScoreColumns


def test_a_run_packs_what_it_has_scored(book):
    book.buys("one", "2026-02-01", minor=500)
    book.buys("two", "2025-01-01", "2026-01-01", minor=700)
    book.customer("nobody")
    book.score()
    columns = read_columns("customers", "net_minor", "clv_minor", "recency_days", "aov_minor", "stake_minor")
    scores = list(CustomerScore.objects.order_by("customer_id"))
    assert columns["customers"].tolist() == [score.customer_id for score in scores]
    assert columns["net_minor"].tolist() == [500, 1400, 0]
    assert columns["recency_days"].tolist() == [29, 60, 0]
    none = np.iinfo(np.int64).min
    # One purchase day is too early to say what twelve months will bring.
    assert columns["clv_minor"].tolist() == [none, scores[1].clv_minor, none]
    assert columns["aov_minor"].tolist() == [500, 700, none]
    assert columns["stake_minor"].tolist() == [none, scores[1].stake_minor, none]
    assert scores[1].stake_minor == round(scores[1].clv_minor * scores[1].churn_risk)


def test_a_column_that_the_last_run_did_not_know_has_no_values(book):
    book.buys("one", "2026-02-01", "2026-02-08")
    book.score()
    ScoreColumns.objects.update(aov_minor=b"", stake_minor=b"")
    columns = read_columns("customers", "aov_minor")
    assert columns["aov_minor"].tolist() == [np.iinfo(np.int64).min]


def test_the_next_run_packs_anew_in_the_same_row(book):
    book.buys("one", "2026-02-01")
    book.score()
    book.buys("two", "2026-02-02")
    book.score()
    assert ScoreColumns.objects.count() == 1
    assert len(read_columns("customers")["customers"]) == 2


@pytest.mark.parametrize("stage", ["prospect", "won_back"])
@pytest.mark.parametrize("group", [None, "champions", "lost"])
@pytest.mark.parametrize("marks", [(None, None, None), (1, 1, 1), (5, 5, 5), (5, 1, 3)])
def test_a_kind_says_stage_group_and_marks(book, stage, group, marks):
    r, f, m = marks
    CustomerScore.objects.create(
        shop=book.shop, customer=book.customer("one"), run_id=1, stage=stage, stage_since="2026-01-01", stage_reason="",
        rfm_group=group, r=r, f=f, m=m,
    )  # fmt: skip
    write_columns(book.shop.pk)
    columns = read_columns("kinds")

    def found(**wanted):
        return bool(len(matching(columns, Wanted(**wanted))))

    assert [name for name in ("prospect", "active", "won_back") if found(stages=[name])] == [stage]
    assert [name for name in ("champions", "loyal", "lost") if found(groups=[name])] == [group] * (group is not None)
    assert [n for n in range(1, 6) if found(r=[n])] == [r] * (r is not None)
    assert [n for n in range(1, 6) if found(f=[n])] == [f] * (f is not None)
    assert [n for n in range(1, 6) if found(m=[n])] == [m] * (m is not None)
    assert found()


def test_another_shop_reads_nothing_of_it(shop, other_shop):
    with shop_scope(shop):
        write_columns(shop.pk)
        assert len(read_columns("customers")) == ScoreColumns.objects.count() == 1
    with shop_scope(other_shop):
        assert read_columns("customers", "kinds")["kinds"].tolist() == []


EXTREMES = st.one_of(st.integers(-2, 2), st.sampled_from([-(2**63), 2**63 - 1]))


@given(values=st.lists(EXTREMES, min_size=1), most=st.integers(1, 12), falling=st.booleans(), backwards=st.booleans())
def test_the_first_are_those_a_full_sort_puts_first(values, most, falling, backwards):
    everybody = sorted(range(len(values)), key=lambda place: (-values[place] if falling else values[place], place))
    wanted = everybody[::-1] if backwards else everybody
    assert first_of(np.array(values), most, falling=falling, backwards=backwards).tolist() == wanted[:most]
