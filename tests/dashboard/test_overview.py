"""The overview: what it says of the week, of the scores, of a shop that is new or has stopped selling."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.cards import sales_sentence
from customers.models import Customer, ImportJob, SalesDay
from customers.sales import week_of
from customers.sales_overview import sales_view
from customers.upserts import Details, change_customer
from segmentation.actions import run_scoring, start_run
from segmentation.models import CustomerScore, ScoreRun
from tests.dashboard.overview import charts
from tests.dashboard.sales import new, returning, sell
from tests.factories import customers

# A Thursday; the week began on Monday 16 November.
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)


def words(html):
    return unescape(re.sub(r"<[^>]+>", "", html))


def told(shop, now=NOW):
    with shop_scope(shop):
        view = sales_view(shop, now=now)
        return view and words(sales_sentence(view, shop))


def test_week_in_words_compares_the_days_that_are_over(shop):
    sell(
        shop,
        ("2026-11-09", returning(10_000)),
        ("2026-11-12", returning(90_000)),  # Thursday: today's is not over, so neither counts
        ("2026-11-16", returning(10_000)),
        ("2026-11-18", new(5_000)),
        ("2026-11-19", returning(5_000)),
    )
    assert told(shop) == (
        "£200 from 3 orders so far. Up to yesterday that is 50% more than in the same days of last week. "
        "75% from customers who came back."
    )


def test_first_day_of_a_week_is_not_compared(shop):
    sell(shop, ("2026-11-09", returning(99_000)), ("2026-11-16", new(30_000, 2)))
    assert told(shop, datetime(2026, 11, 16, 9, tzinfo=UTC)) == (
        "£300 from 2 orders so far. None of it from customers who came back."
    )


def test_week_without_orders_tells_of_the_last(shop):
    sell(shop, ("2026-11-11", returning(12_300, 4)))
    assert told(shop) == "No orders yet this week. Last week brought £123 from 4 orders."


def test_shop_that_stopped_selling_is_told_up_to_its_last_order(shop):
    sell(shop, ("1998-03-25", returning(40_000)), ("1998-06-24", new(10_000)), ("1998-06-30", returning(10_000)))
    assert told(shop) == (
        "The 13 weeks up to 30 Jun 1998 brought £200 from 2 orders. 50% less than in the weeks before. "
        "50% from customers who came back."
    )


def test_shop_without_orders_has_no_week(shop):
    assert told(shop) is None


@pytest.mark.parametrize(("starts", "first"), [(0, date(2026, 11, 16)), (6, date(2026, 11, 15))])
def test_week_begins_on_the_shops_day(starts, first):
    assert week_of(date(2026, 11, 19), starts=starts) == first


def test_today_is_the_shops_day(make_shop):
    shanghai = make_shop("shanghai", timezone="Asia/Shanghai")
    sell(shanghai, ("2026-11-22", returning(100)), ("2026-11-23", returning(5_000)))
    # Sunday evening in London is Monday in Shanghai: a new week.
    assert told(shanghai, datetime(2026, 11, 22, 20, tzinfo=UTC)) == (
        "£50.00 from 1 order so far. 100% from customers who came back."
    )


def test_weeks_are_compared_with_a_year_ago_or_else_the_weeks_before(shop):
    sell(shop, ("2026-11-16", returning(300)), ("2026-05-26", returning(200)))
    with shop_scope(shop):
        young = sales_view(shop, now=NOW).before
    sell(shop, ("2025-08-25", returning(100)))
    with shop_scope(shop):
        old = sales_view(shop, now=NOW).before
    assert [(before.is_year, before.weeks[0].minor) for before in (young, old)] == [(False, 200), (True, 100)]


# The page


@pytest.fixture
def see(shop, owner, as_person):
    client = as_person(owner)
    return lambda url=f"/s/{shop.slug}/": client.get(url)


@pytest.fixture
def scored(shop):
    """Six buyers of whom three came back, and one who fell silent; scored yesterday."""
    yesterday = shop.day_of(timezone.now()) - timedelta(days=1)
    with shop_scope(shop):
        for number, days in enumerate([(1,), (2, 30), (3, 33), (4, 40, 70), (5,), (200, 210, 220, 230, 240)]):
            customer = Customer.objects.create(
                shop=shop,
                name=f"Buyer {number}",
                first_order_on=yesterday - timedelta(days=max(days)),
                last_order_at=timezone.now() - timedelta(days=min(days) + 1),
            )
            for back in days:
                day = yesterday - timedelta(days=back)
                at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
                customers.order(shop, f"{number}-{back}", customer=customer, placed_at=at)
        SalesDay.objects.create(shop=shop, day=yesterday, returning_orders=1, returning_minor=1000)
        run = start_run(shop, as_of=yesterday, now=timezone.now())
    run_scoring(run, now=timezone.now())
    return run


def test_page_tells_the_scores_and_links_their_customers(see, scored):
    page = see()
    again, buyers = page.context["stats"][-2:]
    assert (again.figure, again.note, buyers.figure) == ("67%", "4 of 6 who ever bought", "6")
    assert [len(see(each.url).context["list"].rows) for each in (again, buyers)] == [4, 6]
    steps = charts(page)["stages"].data["steps"]
    assert {step["url"] for step in steps if step["name"] == "At risk"} == {"/s/tea/customers/?stage=at_risk"}
    assert sum(step["value"] for step in steps) == 6
    cells = charts(page)["rfm-map"].data["cells"]
    assert sum(cell["value"] for cell in cells) == 6
    assert {cell["url"] for cell in cells if cell["value"]} == {
        f"/s/tea/customers/?r={cell['y'] + 1}&f={cell['x'] + 1}" for cell in cells if cell["value"]
    }


def test_who_is_left_out_of_scores_is_named_so_that_it_adds_up(shop, see, scored):
    with shop_scope(shop):
        names = ["Buyer 0", "Buyer 1", "Buyer 5"]
        for customer in Customer.objects.filter(name__in=names):
            change_customer(customer, Details(do_not_profile=True), by=None, now=timezone.now())
        Customer.objects.create(shop=shop, name="Never bought", is_minor=True)
        run = start_run(shop, as_of=scored.as_of, now=timezone.now())
    run_scoring(run, now=timezone.now())
    page = see()
    again, buyers = page.context["stats"][-2:]
    assert (again.note, again.more) == ("2 of 3 who ever bought", ["2 more, left out of scores"])
    assert (buyers.figure, buyers.more) == ("3", ["3 more, left out of scores"])
    assert [len(see(each.url).context["list"].rows) for each in (again, buyers)] == [2 + 2, 3 + 3]
    assert sum(step["value"] for step in charts(page)["stages"].data["steps"]) == 3
    assert "4 more are left out of scores." in page.text
    out = see(f"/s/{shop.slug}/customers/?scores=left_out")
    assert out.request["QUERY_STRING"] in page.text
    assert sorted(row.customer.name for row in out.context["list"].rows) == [*names, "Never bought"]
    assert len(see(f"/s/{shop.slug}/customers/").context["list"].rows) == 3 + 4


def test_queries_do_not_grow_with_the_rows(shop, see, scored):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert see().status_code == 200
        return len(queries)

    see()
    few = count()
    sell(shop, *((f"2025-{month:02d}-{day:02d}", returning(100)) for month in (1, 5, 9) for day in range(1, 25)))
    with shop_scope(shop):
        for number in range(3):
            customer = Customer.objects.create(shop=shop, name=f"Late {number}", last_order_at=NOW)
            CustomerScore.objects.create(
                shop=shop, customer=customer, run_id=scored.pk, stage="at_risk", stage_since=NOW.date(), net_minor=1
            )
    assert count() == few


def test_new_shop_sees_the_first_steps_alone(see):
    page = see()
    assert [step.done for step in page.context["first_steps"]] == [False, False, False, False]
    assert "First steps" in page.text
    assert "data-chart" not in page.text


@pytest.mark.parametrize(("days", "is_first"), [(13, True), (15, False)])
def test_the_first_steps_stand_before_the_figures_of_a_young_shop_alone(see, shop, days, is_first):
    shop.created_at = timezone.now() - timedelta(days=days)
    shop.save()
    sell(shop, ("2026-11-18", returning(100)))
    page = see().text
    assert page.count('id="first-steps"') == 1
    assert (page.index('id="first-steps"') < page.index("data-chart")) is is_first


def test_where_nobody_drifts_away_the_card_says_so_instead_of_a_table(scored, see):
    page = see()
    assert page.context["risk_rows"] == []
    assert "No money is at stake right now" in page.text
    assert 'id="at-risk"' not in page.text


def test_demo_shop_says_that_names_are_invented(shop, see):
    note = "names, e-mail addresses and phone numbers are invented"
    assert note not in see().text
    shop.is_demo = True
    shop.save()
    assert note in see().text
    shop.slug = "cdnow"
    shop.save()
    page = see("/s/cdnow/").text
    assert (note in page, "real CD shop" in page) == (False, True)


def test_stale_days_are_told(shop, see):
    today = shop.day_of(timezone.now())
    with shop_scope(shop):
        day = SalesDay.objects.create(shop=shop, day=today, new_orders=1, new_minor=100)
    assert "are being added up again" not in see().text
    with shop_scope(shop):
        SalesDay.objects.filter(pk=day.pk).update(is_stale=True)
    assert "are being added up again" in see().text


def test_last_import_and_last_scoring_are_shown_in_the_shops_time(make_shop, make_member, as_person):
    shanghai = make_shop("shanghai", timezone="Asia/Shanghai", currency="CNY")
    sell(shanghai, ("2026-11-18", returning(100)))
    with shop_scope(shanghai):
        ImportJob.objects.create(
            shop=shanghai, work="run", state="done", filename="orders.csv", file="x", created_at=NOW, finished_at=NOW
        )
        ScoreRun.objects.create(
            shop=shanghai, state="failed", error={"code": "crashed"}, created_at=NOW, finished_at=NOW
        )
    page = as_person(make_member(shanghai)).get("/s/shanghai/").text
    assert "orders.csv" in page
    assert page.count("19 Nov 2026, 20:00") == 2
    assert "Failed" in page


def test_who_may_not_see_insights_lands_on_the_customers(shop, make_member, as_person):
    page = as_person(make_member(shop, Role.AGENT)).get(f"/s/{shop.slug}/")
    assert (page.status_code, page.url) == (302, "/s/tea/customers/")


def test_nothing_of_another_shop_is_counted(shop, other_shop, see, scored):
    sell(other_shop, ("2026-11-18", returning(999_900)))
    before = see().context["sales"].weeks
    sell(other_shop, ("2026-11-17", returning(999_900)))
    assert see().context["sales"].weeks == before
