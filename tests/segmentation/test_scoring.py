"""Small shops, scored: what each customer gets, and what pages read of the run."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.tenancy.scope import shop_scope
from customers.models import Customer
from segmentation import queries
from segmentation.columns import write_columns
from segmentation.models import CustomerScore, RFMGroup, RFMMonth, ScoreRun, Settings, StageTransition
from segmentation.scoring.copying import pull, push
from segmentation.scoring.months import GROUP_OF_CELL, kept_month
from tests.factories import customers, segmentation
from tests.segmentation.conftest import Book


def rfm(score):
    return score.recency_days, score.frequency, score.gross_minor, score.net_minor, score.r, score.f, score.m


def test_each_customer_gets_recency_frequency_and_money(book):
    book.buys("ana", "2026-02-27", "2026-02-27", "2026-02-01", minor=1000)
    book.buys("ben", "2026-01-10", minor=5000)
    book.refund("ana", "2026-02-28", 400)
    book.customer("cleo")
    book.score()
    scores = book.scores()
    assert rfm(scores["ana"]) == (3, 3, 3000, 2600, 5, 3, 1)
    assert rfm(scores["ben"]) == (51, 1, 5000, 5000, 3, 1, 3)
    assert rfm(scores["cleo"]) == (None, 0, 0, 0, None, None, None)
    assert (scores["cleo"].stage, scores["cleo"].rfm_group, scores["cleo"].p_alive) == ("prospect", None, None)
    assert (scores["cleo"].clv_minor, scores["cleo"].value_percentile, scores["cleo"].confidence) == (None, None, "")
    assert scores["ana"].confidence == "low"


def test_who_never_bought_keeps_what_was_refunded_wherever_the_rows_lie(book):
    for minor, name in enumerate("abcdefgh", 1):
        book.refund(name, "2026-02-28", 100 * minor)
    book.buys("d", "2026-02-01", minor=1000)
    Customer.objects.filter(name__in="abe").update(country="UK")  # an index has it: the rows move behind the others
    book.score()
    assert {name: score.net_minor for name, score in book.scores().items()} == {
        "a": -100,
        "b": -200,
        "c": -300,
        "d": 600,
        "e": -500,
        "f": -600,
        "g": -700,
        "h": -800,
    }


def test_equal_customers_get_equal_scores(book):
    for name in "abcdefghij":
        book.buys(name, "2026-01-01")
    book.buys("keen", "2026-02-01", "2026-02-10")
    book.score()
    scores = book.scores()
    assert {rfm(scores[name])[4:] for name in "abcdefghij"} == {(5, 1, 1)}
    assert rfm(scores["keen"])[4:] == (5, 5, 5)


def test_a_shops_own_bounds_replace_its_quintiles(book, shop):
    bounds = {"recency": [10, 20, 30, 40], "frequency": [1, 2, 3, 4], "monetary": [500, 1500, 2500, 3500]}
    Settings.objects.create(shop=shop, rfm_bounds=bounds)
    book.buys("ana", "2026-02-15", minor=2000)
    book.score()
    assert rfm(book.scores()["ana"])[4:] == (4, 1, 3)


def test_what_is_no_purchase_does_not_count(book, shop):
    book.buys("ana", "2026-02-01")
    book.buys("ana", "2026-02-02", is_purchase=False)
    book.buys("ana", "2026-02-03", currency="ISK")  # no exchange rate: an order without money
    book.buys("ana", "2026-03-02")  # after the cut
    customers.order(shop, "of a guest", placed_on=date(2026, 2, 20))
    book.score()
    assert rfm(book.scores()["ana"])[:4] == (27, 2, 1000, 1000)


def test_a_refund_after_the_cut_is_not_taken_off_yet(book):
    book.buys("ana", "2026-02-01", minor=1000)
    for name in ("ana", "ben"):
        book.refund(name, "2026-03-02", 400)
    book.score("2026-03-01")
    assert {name: score.net_minor for name, score in book.scores().items()} == {"ana": 1000, "ben": 0}


def test_a_run_stays_in_its_shop(shop, other_shop):
    for one in (shop, other_shop):
        with shop_scope(one):
            Book(one).buys("ana", "2026-02-01", minor=1000 + one.pk)
    with shop_scope(shop):
        Book(shop).score()
        assert [score.gross_minor for score in CustomerScore.objects.all()] == [1000 + shop.pk]
    with shop_scope(other_shop):
        assert (CustomerScore.objects.count(), RFMMonth.objects.count(), ScoreRun.objects.count()) == (0, 0, 0)


def test_a_stage_keeps_its_day_until_it_changes(book):
    book.buys("ana", "2025-12-01", "2025-12-15", "2026-01-01", "2026-01-15")
    book.score("2026-01-20")
    first = book.scores()["ana"]
    assert (first.stage, first.stage_since, StageTransition.objects.count()) == ("active", date(2026, 1, 20), 0)
    book.score("2026-01-25")
    assert book.scores()["ana"].stage_since == date(2026, 1, 20)
    run = book.score("2026-12-31")
    (moved,) = StageTransition.objects.all()
    assert (moved.from_stage, moved.to_stage, moved.on) == ("active", "lost", date(2026, 12, 31))
    assert (moved.reason, moved.run_id) == ("overdue", run.pk)
    assert book.scores()["ana"].stage_since == date(2026, 12, 31)


def test_scores_of_vanished_customers_go(book):
    book.buys("ana", "2026-02-01")
    book.buys("ben", "2026-02-01")
    book.score()
    Customer.objects.filter(name="ben").delete()
    book.score()
    assert list(book.scores()) == ["ana"]


def test_a_month_is_kept_once_and_movement_compares_with_it(book):
    for number in range(5):
        book.buys(f"early{number}", f"2026-02-{10 + number}", minor=1000 * (number + 1))
    book.buys("late", "2026-03-05", minor=100)
    run = book.score("2026-03-10")
    row = RFMMonth.objects.get()
    month = kept_month(row)
    names = dict(Customer.objects.values_list("pk", "name"))
    kept = {names[pk]: GROUP_OF_CELL[cell] for pk, cell in zip(month.customers, month.cells, strict=True)}
    assert (row.month, sorted(kept)) == (date(2026, 2, 28), [f"early{number}" for number in range(5)])
    matrix = queries.rfm_matrix(run)
    assert matrix.since == date(2026, 2, 28)
    now = {name: score.rfm_group for name, score in book.scores().items()}
    pairs = sorted((kept.get(name, "none"), now[name]) for name in now)
    counted = sorted((m.from_group or "none", m.to_group) for m in matrix.moves for _ in range(m.customers))
    assert counted == pairs
    book.buys("forgotten", "2026-02-01")
    book.score("2026-03-11")
    assert [bytes(row.customers) for row in RFMMonth.objects.all()] == [bytes(row.customers)]


def test_a_month_has_the_scores_a_run_on_its_last_day_gave(book):
    for number in range(9):
        book.buys(f"c{number}", "2026-01-03", f"2026-02-{10 + number}", minor=100 * number**2)
        book.refund(f"c{number}", f"2026-02-{20 + number}", 7 * number)
    book.buys("later", "2026-03-01")
    book.score("2026-02-28")
    then = {score.customer_id: str(score.rfm_group) for score in CustomerScore.objects.exclude(r=None)}
    book.score("2026-03-04")
    month = kept_month(RFMMonth.objects.get(month=date(2026, 2, 28)))
    kept = {int(pk): GROUP_OF_CELL[cell] for pk, cell in zip(month.customers, month.cells, strict=True)}
    assert kept == then


def test_what_pages_show_adds_up(book):
    book.buys("ana", "2026-01-05", "2026-02-05", minor=1000)
    book.buys("ben", "2026-01-20", minor=3000)
    book.buys("cleo", "2026-02-20", minor=500)
    book.customer("dora")
    run = book.score("2026-02-28")
    found = queries.overview(run)
    assert (found.as_of, found.buyers, found.prospects, found.net_minor) == (date(2026, 2, 28), 3, 1, 5500)
    assert found.repeat_rate == pytest.approx(1 / 3)
    assert sum(stage.customers for stage in found.stages) == 4
    assert [group.name for group in found.groups] == list(RFMGroup.values)
    cells = [cell for row in queries.rfm_matrix(run).cells for cell in row]
    assert (sum(cell.customers for cell in cells), sum(cell.net_minor for cell in cells)) == (3, 5500)
    assert found.next_90_days.orders == pytest.approx(
        sum(s.expected_purchases_90d * s.orders_per_purchase if s.purchase_days else 0 for s in book.scores().values())
    )
    january, february = queries.cohorts(run)
    assert (january.month, january.size, january.customers) == (date(2026, 1, 1), 2, (2, 1))
    assert (january.orders, january.revenue_minor, january.rates) == ((2, 1), (4000, 1000), (1.0, 0.5))
    assert (february.month, february.customers, february.rates) == (date(2026, 2, 1), (1,), (1.0,))
    backtest = queries.backtest(run)
    assert (backtest.skipped, backtest.figures["history_days"]) == ("history_too_short", 54)


def test_a_young_month_is_not_called_a_loss(book):
    book.buys("ana", "2026-01-05")
    book.buys("ben", "2026-01-06", "2026-02-03")
    (january,) = queries.cohorts(book.score("2026-02-10"))
    assert (january.customers, january.rates) == ((2, 1), (1.0, None))


def test_customers_worth_saving_are_those_at_risk_with_most_at_stake(book):
    for name, minor in (("small", 100), ("big", 900), ("keen", 5000), ("once", 99_000)):
        book.buys(name, "2025-12-01", *("2025-12-11", "2025-12-21", "2025-12-31")[: 3 * (name != "once")], minor=minor)
    book.score("2026-01-25")
    # The stakes as of a night on which all four are late; of the keen one the forecast still expects an order.
    for name, stake in (("small", 60), ("big", 500), ("keen", None), ("once", None)):
        CustomerScore.objects.filter(customer__name=name).update(stage="at_risk", stake_minor=stake)
    write_columns(book.shop.pk)
    assert [score.customer.name for score in queries.customers_worth_saving()] == ["big", "small"]


def test_orders_are_several_on_a_purchase_day(book):
    book.buys("bulk", *["2026-01-05"] * 3, *["2026-02-05"] * 3, *["2026-02-20"] * 3, minor=1000)
    book.buys("plain", "2026-01-10", "2026-02-10", minor=3000)
    book.buys("once", "2026-02-01", "2026-02-01", minor=4000)
    run = book.score("2026-02-28")
    scores = book.scores()
    # 13 orders on 6 days; five of the shop's days are lent to each.
    lent = 5 * 13 / 6
    assert scores["bulk"].orders_per_purchase == pytest.approx((9 + lent) / (3 + 5))
    assert scores["plain"].orders_per_purchase == pytest.approx((2 + lent) / (2 + 5))
    assert [score.purchase_days for score in scores.values()] == [3, 2, 1]
    for name in ("bulk", "plain"):
        score = scores[name]
        money = score.expected_purchases_90d * score.expected_purchase_minor
        assert score.expected_orders(90) * score.expected_order_minor == pytest.approx(money, rel=0.001)
    once = scores["once"]
    assert (once.expected_orders(365), once.expected_order_minor, once.next_year_minor) == (None, None, None)
    ahead = queries.overview(run).next_90_days
    told = sum(scores[name].expected_orders(90) for name in ("bulk", "plain"))
    assert ahead.orders == pytest.approx(told + ahead.first_time_orders)
    assert (ahead.customers, ahead.first_time_customers) == (3, 1)


def test_the_last_90_days_stand_on_the_footing_of_the_forecast(book):
    book.buys("old", "2025-06-01", "2025-07-01", "2026-02-01", "2026-02-01", minor=1000)
    book.buys("one day", "2025-11-30", "2026-02-03", minor=500)
    book.buys("new", "2025-12-02", "2026-02-20", minor=700)
    found = queries.overview(book.score("2026-03-01")).last_90_days
    assert found.first == date(2025, 12, 2)
    assert found.known == queries.Came(customers=2, orders=3, revenue_minor=2500)
    assert found.first_time == queries.Came(customers=1, orders=1, revenue_minor=500)
    assert found.new == queries.Came(customers=1, orders=2, revenue_minor=1400)


def test_an_empty_shop_is_scored_without_a_word(book):
    run = book.score()
    assert (run.state, run.customers, queries.cohorts(run)) == ("done", 0, ())
    assert queries.overview(run).repeat_rate is None
    assert queries.last_run() == run


def test_export_rows_have_the_columns_of_the_file(book, shop):
    book.buys("=ana", "2026-02-27", minor=1234)
    book.customer("ben")
    book.score()
    ana, ben = queries.export_rows(shop)
    assert len(ana) == len(queries.EXPORT_COLUMNS) == 17
    assert ana[:5] == ["=ana", 3, 1, Decimal("12.34"), Decimal("12.34")]
    assert ben[:5] == ["ben", None, 0, Decimal("0.00"), Decimal("0.00")]
    assert ben[-2:] == [None, None]


def test_exported_p_alive_is_empty_where_the_run_knows_nothing_of_leaving(shop):
    for name, forecast_by in (("ana", "bg_nbd"), ("ben", "nbd")):
        run = segmentation.score_run(shop, models_fitted={"forecast_by": forecast_by})
        segmentation.score(shop, customers.customer(shop, name), run_id=run.pk, p_alive=1.0)
    place = queries.EXPORT_COLUMNS.index("p_alive")
    with shop_scope(shop):
        assert [row[place] for row in queries.export_rows(shop)] == [1.0, None]


def test_columns_come_back_as_they_went(db):
    rows = 70_000  # more than two chunks on the way in
    columns = {"a": np.arange(rows), "b": np.arange(rows) / 7, "c": np.arange(rows).astype(np.int16)}
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE there (a bigint, b float8, c smallint) ON COMMIT DROP")
        push(cursor, "there", columns)
        back = pull(
            cursor, "SELECT a, b, c FROM there WHERE a >= %(least)s", {"least": 0}, {"a": "i8", "b": "f8", "c": "i2"}
        )
        none = pull(cursor, "SELECT a FROM there WHERE a < 0", {}, {"a": "i8"})
    assert all(np.array_equal(back[name], column) for name, column in columns.items())
    assert none["a"].tolist() == []


DAYS = st.integers(min_value=0, max_value=900)
PURCHASES = st.lists(st.tuples(DAYS, st.integers(min_value=0, max_value=10**9)), max_size=8)
CHANCES = ("p_alive", "churn_risk")
COUNTS = ("expected_purchases_30d", "expected_purchases_90d", "expected_purchases_365d")


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(everybody=st.lists(PURCHASES, max_size=6))
def test_no_small_shop_is_too_odd(shop, everybody):
    with shop_scope(shop):
        Customer.objects.all().delete()
        book = Book(shop)
        for number, purchases in enumerate(everybody):
            book.customer(f"{number}")
            for ago, minor in purchases:
                book.buys(f"{number}", date(2026, 3, 1) - timedelta(days=ago), minor=minor)
        book.score()
        scores = book.scores()
    assert len(scores) == len(everybody)
    for score in scores.values():
        if score.frequency:
            assert all(0 <= getattr(score, name) <= 1 for name in CHANCES)
            assert (
                0
                <= score.expected_purchases_30d
                <= score.expected_purchases_90d
                <= score.expected_purchases_365d
                <= 365
            )
            assert score.clv_minor >= 0
            assert 1 <= score.value_percentile <= 100
            assert score.next_order_on is None or score.next_order_on > date(2026, 3, 1)
