"""The pages of insights: what they show before, during and after a scoring."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.dashboard.customers import ScoredFilters
from crm.shops.models import AuditEntry
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.models import SalesDay
from segmentation import cohort_page as cohort_words
from segmentation import forecast_page as forecast_words
from segmentation.actions import run_scoring, start_run
from segmentation.charts import rfm_map
from segmentation.models import RFMGroup, ScoreRun
from segmentation.queries import BacktestView, CohortRow, RFMMatrix, Share
from segmentation.rfm_page import ADVICE
from tests.factories import customers
from tests.segmentation.conftest import Book

PAGES = ("", "cohorts/", "forecast/")


@pytest.fixture
def see(shop, owner, as_person):
    client = as_person(owner)
    return lambda path="": client.get(f"/s/{shop.slug}/insights/{path}")


@pytest.fixture
def scored(shop):
    """Forty buyers, every second of whom came back a month later."""
    with shop_scope(shop):
        for number in range(40):
            first = date(2026, 1, 5) + timedelta(days=number)
            customer = customers.customer(shop, f"Buyer {number}", first_order_on=first)
            days = [first, first + timedelta(days=31)] if number % 2 else [first]
            for day in days:
                customers.order(shop, f"{number}-{day}", customer=customer, placed_on=day)
        SalesDay.objects.create(shop=shop, day=date(2026, 1, 5), new_orders=1)
        run = start_run(shop, as_of=date(2026, 8, 31), now=timezone.now())
    run_scoring(run, now=timezone.now())
    with shop_scope(shop):
        run.refresh_from_db()
    return run


@pytest.mark.parametrize("path", PAGES)
def test_page_says_what_to_do_before_the_first_scoring(see, path):
    page = see(path)
    assert page.status_code == 200
    assert "No scores yet" in page.text


@pytest.mark.parametrize("path", PAGES)
def test_page_has_one_button_to_score_before_the_first_scoring(shop, see, path):
    with shop_scope(shop):
        SalesDay.objects.create(shop=shop, day=date(2026, 1, 5), new_orders=1)
    page = see(path).text
    assert (page.count('form="score-form"'), page.count('id="score-form"'), page.count("Score now")) == (1, 1, 1)


@pytest.mark.parametrize(("path", "count"), [("", 0), ("cohorts/", 0), ("forecast/", 1)])
def test_with_scores_the_forecast_page_has_the_button(see, scored, path, count):
    page = see(path).text
    assert (page.count('form="score-form"'), page.count('id="score-form"'), page.count("Score now")) == (count,) * 3


@pytest.mark.parametrize("path", PAGES)
def test_page_asks_as_much_after_several_runs(shop, see, scored, path):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert see(path).status_code == 200
        return len(queries)

    see(path)
    one = count()
    with shop_scope(shop):
        for _ in range(3):
            scored.pk = None
            scored.finished_at -= timedelta(days=1)
            scored.save(force_insert=True)
    assert count() == one


def test_every_group_has_its_advice():
    assert set(ADVICE) == set(RFMGroup)
    assert len({str(text) for text in ADVICE.values()}) == 11


def test_rfm_page_counts_everybody_in_map_table_and_movement(see, scored):
    page = see()
    assert sum(cell["value"] for cell in page.context["map"].data["cells"]) == 40
    assert sum(row.customers for row in page.context["groups"]) == 40
    assert sum(row.customer_rate for row in page.context["groups"]) == pytest.approx(1)
    assert page.context["groups"][0].url == "/s/tea/customers/?group=champions"
    assert sum(link["value"] for link in page.context["movement"].data["links"]) == 40


@pytest.mark.slow
def test_numbers_of_the_movement_open_their_customers(shop, owner, as_person, see, scored):
    late = date(2026, 9, 5)
    with shop_scope(shop):
        customers.customer(shop, "Looker")
        last_at = datetime(2026, 9, 5, tzinfo=UTC)
        fresh = customers.customer(shop, "Fresh", first_order_on=late, last_order_at=last_at)
        customers.order(shop, "fresh", customer=fresh, placed_on=late)
        run = start_run(shop, as_of=date(2026, 9, 10), now=timezone.now())
    run_scoring(run, now=timezone.now())
    chart, client = see().context["movement"].data, as_person(owner)

    def opened(mark):
        return client.get(mark["url"]).context["list"].size.count

    assert [opened(link) for link in chart["links"]] == [link["value"] for link in chart["links"]]
    assert sum(link["value"] for link in chart["links"]) == 41
    for side, end in (("then", "source"), ("now", "target")):
        for node in (node for node in chart["nodes"] if node["key"].startswith(side)):
            assert opened(node) == sum(link["value"] for link in chart["links"] if link[end] == node["key"])
    with shop_scope(shop):
        asked = QueryDict("group_then=none&bought=once")
        assert list(ScoredFilters(asked, shop=shop).matching()) == [fresh]


def row(month, customers, observed):
    rates = tuple(count / customers[0] if since < observed else None for since, count in enumerate(customers))
    money = tuple(count * 100 for count in customers)
    return CohortRow(date.fromisoformat(month), customers[0], tuple(customers), tuple(customers), money, rates)


def test_cohorts_shade_the_months_that_are_over(shop):
    rows = (row("2026-01-01", [10, 5, 2], 2), row("2026-02-01", [4, 1], 1))
    january, february = cohort_words.lines(rows, "customers", shop)
    assert [(cell.text, cell.rate, cell.is_open) for cell in january.cells] == [
        ("100%", None, False),
        ("50%", 1.0, False),
        ("20%", None, True),
    ]
    assert [cell.is_open for cell in february.cells] == [False, True]
    assert january.url == "/s/tea/customers/?first_from=2026-01-01&first_to=2026-01-31"
    assert january.cells[1].url == (
        "/s/tea/orders/?placed_from=2026-02-01&placed_to=2026-02-28&first_from=2026-01-01&first_to=2026-01-31"
    )
    assert january.cells[1].title == "Feb 2026: 5 of 10 customers, 5 orders, £5.00"


@pytest.mark.parametrize(
    ("show", "second"), [("", "44%"), ("?show=orders", "12"), ("?show=revenue", "£120.00"), ("?show=nonsense", "44%")]
)
def test_cohort_page_switches_what_the_cells_show(see, scored, show, second):
    january = see(f"cohorts/{show}").context["lines"][0]
    assert january.size == "27"
    assert january.cells[1].text == second  # the 30th of January comes back in March


def view(**figures):
    known = {"expected_orders": 1180.0, "actual_orders": 1243, "order_error": -0.05, "calibration_error": 0.034}
    auc = {"auc": 0.72, "auc_recency": 0.66, "auc_frequency": 0.71}
    return BacktestView(date(2026, 8, 22), 91, "", known | auc | figures, ())


def test_forecast_is_told_against_the_fact(shop):
    assert forecast_words.backtest_sentence(view(), shop=shop) == (
        "In the 13 weeks up to 21 Nov 2026 we forecast <strong>1,180</strong> orders from customers known before; "
        '<strong><a href="/s/tea/orders/?placed_from=2026-08-23&amp;placed_to=2026-11-21&amp;first_to=2026-08-22">'
        "1,243</a></strong> came. That was 5% too few."
    )


def test_plain_rule_that_sorts_better_is_named():
    best, *_, verdict = forecast_words.ranking_sentences(view(auc_recency=0.84))
    assert "in 72 of 100 such pairs" in best
    assert "“by the last order alone” sorts customers better than the forecast" in verdict
    assert forecast_words.ranking_sentences(view())[-1] == "The forecast sorts customers better than either plain rule."
    assert "as well as" in forecast_words.ranking_sentences(view(auc_frequency=0.721))[-1]


@pytest.mark.parametrize(
    ("reason", "first_day", "words"),
    [
        ("dropout_not_identified", date(2025, 12, 1), "usual with a year of history or less"),
        ("dropout_not_identified", date(1986, 12, 1), "customers seem to stay"),
        ("too_few_repeaters", date(2025, 12, 1), "Too few customers have bought again"),
    ],
)
def test_why_nobody_is_called_gone(shop, reason, first_day, words):
    run = ScoreRun(shop=shop, as_of=date(2026, 11, 26), customers=60, repeat_customers=60)
    run.models_fitted = {"reason": reason} | {name: {} for name in ("bg_nbd", "nbd", "gamma_gamma")}
    facts = forecast_words.model_facts(run, first_day=first_day)
    assert words in next(fact.value for fact in facts if fact.term == "Who has left")


@pytest.mark.parametrize(
    ("best", "words"), [(10, "The tenth we expected most of placed 60%"), (40, "The 40% of the customers we expected")]
)
def test_a_tenth_that_holds_more_is_not_called_one(best, words):
    deciles = ({"decile": 1, "customers": 100 - best, "actual_orders": 4}, {"customers": best, "actual_orders": 6})
    seen = BacktestView(date(2026, 8, 22), 91, "", {"actual_orders": 10, "customers": 100}, deciles)
    assert words in forecast_words._decile_summary(seen)


def test_forecast_that_was_not_tested_says_why(shop, see, scored):
    short = BacktestView(date(2026, 8, 22), 91, "history_too_short", {"history_days": 120, "needed_days": 182}, ())
    assert "120 days of history are there, 182 are needed" in forecast_words.backtest_sentence(short, shop=shop)
    page = see("forecast/")
    assert (page.context["facts"][0].term, page.context["analyst_facts"][0].term) == (
        "Who has left",
        "Model of purchase days",
    )


def test_score_button_queues_one_run_shows_progress_and_ends(shop, owner, as_person):
    client = as_person(owner)
    with shop_scope(shop):
        SalesDay.objects.create(shop=shop, day=date(2026, 1, 5), new_orders=1)
    for _ in range(2):
        answer = client.post("/s/tea/insights/score/")
        assert (answer.status_code, answer.url) == (302, "/s/tea/insights/forecast/")
    with shop_scope(shop):
        run = ScoreRun.objects.get(trigger="button")
        assert run.requested_by_id == owner.pk
        assert AuditEntry.objects.filter(action="scoring.requested").count() == 1
    page = client.get("/s/tea/insights/forecast/").text
    assert "Waiting for a free worker" in page
    assert 'form="score-form"' not in page
    part = client.get(f"/s/tea/insights/runs/{run.pk}/progress/")
    assert "hx-trigger" in part.text
    assert "HX-Refresh" not in part
    with shop_scope(shop):
        ScoreRun.objects.filter(pk=run.pk).update(state="done", finished_at=timezone.now())
    part = client.get(f"/s/tea/insights/runs/{run.pk}/progress/")
    assert part["HX-Refresh"] == "true"
    assert "hx-trigger" not in part.text


def test_demo_shop_of_the_past_is_scored_in_its_own_time(shop, owner, as_person):
    shop.is_demo = True
    shop.save()
    with shop_scope(shop):
        Book(shop).buys("ana", "1998-05-01", "1998-06-30")
    as_person(owner).post("/s/tea/insights/score/")
    with shop_scope(shop):
        run = ScoreRun.objects.get(trigger="button")
        run.take(None)
        run_scoring(run, now=timezone.now())
        assert ScoreRun.objects.get(pk=run.pk).as_of == date(1998, 6, 30)


def test_failed_run_is_explained_until_one_succeeds(shop, see, scored):
    at = datetime(2026, 11, 19, tzinfo=UTC)
    with shop_scope(shop):
        failed = ScoreRun.objects.create(
            shop=shop, state="failed", error={"code": "crashed"}, created_at=timezone.now(), finished_at=timezone.now()
        )
    page = see("forecast/").text
    assert "did not finish" in page
    assert f"name run {failed.pk}" in page
    with shop_scope(shop):
        ScoreRun.objects.filter(pk=failed.pk).update(created_at=at - timedelta(days=900))
    assert "did not finish" not in see("forecast/").text


def test_scoring_asks_for_the_right(shop, make_member, as_person):
    analyst = as_person(make_member(shop, Role.ANALYST))
    assert analyst.post("/s/tea/insights/score/").status_code == 403
    assert 'form="score-form"' not in analyst.get("/s/tea/insights/forecast/").text
    assert as_person(make_member(shop, Role.AGENT)).get("/s/tea/insights/").status_code == 403


@pytest.mark.parametrize(
    ("customers", "said"),
    [
        (1, "The 1 customer who buys often and bought lately brought 50% of all revenue."),
        (2, "The 2 customers who buy often and bought lately brought 50% of all revenue."),
    ],
)
def test_the_map_counts_in_words_who_is_best(shop, customers, said):
    counts = {(5, 5): customers, (1, 1): 7}
    cells = tuple(
        tuple(Share(f"{r}-{f}", counts.get((r, f), 0), 100 * ((r, f) in counts)) for f in range(1, 6))
        for r in range(1, 6)
    )
    assert rfm_map(RFMMatrix(cells, (), date(2026, 10, 31), ()), shop, title="Map").summary == said
