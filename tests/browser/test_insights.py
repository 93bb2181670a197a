"""Overview and insights in a real browser: charts and their tables, links, scoring with live progress, search."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.ingest import refresh_sales_days
from customers.models import SalesDay
from segmentation.actions import run_scoring, start_run
from segmentation.models import ScoreRun
from segmentation.tasks import SCORING
from tests.factories import customers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]

AXE = settings.BASE_DIR / "node_modules/axe-core/axe.min.js"
PAGES = ("", "insights/", "insights/cohorts/", "insights/forecast/", "jobs/", "search/?q=buyer", "orders/")


@pytest.fixture
def sold(shop):
    """Forty buyers over eight months, every second of whom came back; not scored yet."""
    yesterday = shop.day_of(timezone.now()) - timedelta(days=1)
    sold_on = {yesterday}
    with shop_scope(shop):
        for number in range(40):
            first = yesterday - timedelta(days=240 - 5 * number)
            buyer = customers.customer(shop, f"Buyer {number}", first_order_on=first, last_order_at=timezone.now())
            for day in [first, first + timedelta(days=20)] if number % 2 else [first]:
                customers.order(shop, f"{number}-{day}", customer=buyer, placed_on=day, total_minor=4200)
                sold_on.add(day)
        SalesDay.objects.bulk_create(SalesDay(shop=shop, day=day, is_stale=True) for day in sold_on)
        refresh_sales_days()


@pytest.fixture
def scored(shop, sold):
    with shop_scope(shop):
        run = start_run(shop, as_of=None, now=timezone.now())
    run_scoring(run, now=timezone.now())


def see_all_charts(page):
    for chart in page.locator("[data-chart]").all():
        chart.scroll_into_view_if_needed()
        page.locator(f"#{chart.get_attribute('id')}[data-ready]").wait_for()


@pytest.mark.parametrize("width", [390, 1440])
def test_pages_keep_the_policy_fit_the_screen_and_axe_finds_nothing(look, scored, width):
    page = look("", width=width)
    for rest in PAGES:
        page.goto(page.shop + rest)
        see_all_charts(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, rest
        # As the debugger, past the policy that keeps strangers' scripts out.
        page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        assert [(rest, each["id"], each["nodes"][0]["html"]) for each in found] == []
        assert page.problems == []


def test_numbers_open_their_rows(look, scored):
    page = look("")
    see_all_charts(page)
    page.locator("#stages [data-chart-view=table]").click()
    page.reload()
    assert page.locator("#stages .chart-plot").is_hidden()
    assert page.locator("#revenue .chart-plot").is_visible()
    new = page.locator("#stages tbody tr", has_text="New")
    count = new.locator("td").nth(1).inner_text()
    new.locator("a").click()
    page.wait_for_url("**/customers/?stage=new")
    assert page.locator("#customers tbody tr").count() == int(count)
    page.go_back()
    page.wait_for_url("**/?table=stages")
    page.locator("#stages [data-chart-view=chart]").click()
    page.wait_for_url(page.shop)
    page.get_by_role("link", name="See the orders").click()
    page.wait_for_url("**/orders/?placed_from=*")
    assert page.problems == []


def test_cell_of_the_map_opens_its_customers(look, scored):
    page = look("insights/")
    see_all_charts(page)
    page.locator("#rfm-map").scroll_into_view_if_needed()
    plot = page.locator("#rfm-map .chart-plot").bounding_box()
    page.mouse.click(plot["x"] + plot["width"] * 0.15, plot["y"] + 30)
    page.wait_for_url("**/customers/?r=5&f=1")


def test_scoring_by_the_button_shows_progress_and_then_its_numbers(look, shop, sold):
    page = look("insights/forecast/")
    page.get_by_role("button", name="Score now").click()
    page.locator("#scoring").get_by_text("Waiting for a free worker").wait_for()
    assert page.get_by_role("button", name="Score now").count() == 0
    SCORING.do_next(shop.pk)  # what the worker runs
    page.get_by_text("For analysts").click()
    page.get_by_text("Parameters of BG/NBD").wait_for()
    assert page.locator("#scoring").count() == 0
    assert "By hand" in page.locator("#runs tbody tr").first.inner_text()
    assert page.problems == []


def test_ring_appears_while_something_runs(look, shop, sold):
    with shop_scope(shop):
        ScoreRun.objects.create(
            shop=shop, state="running", trigger="button", progress=0.4, created_at=timezone.now(),
            lease_until=timezone.now() + timedelta(hours=1),
        )  # fmt: skip
    page = look("")
    page.locator("#jobs .jobs").get_by_text("40%").wait_for()
    page.click("#jobs .jobs")
    page.get_by_text("Scoring customers").first.wait_for()
    with shop_scope(shop):
        ScoreRun.objects.update(state="done")
    page.get_by_text("Nothing is running").wait_for()
    page.locator("#jobs .jobs").wait_for(state="detached")
    assert page.problems == []


def test_search_suggests_while_typing(look, scored):
    page = look("")
    page.keyboard.press("/")
    page.keyboard.type("Buyer 17")
    page.locator("#search-results").get_by_role("link", name="Buyer 17").click()
    page.wait_for_url("**/customers/*/")
    assert page.get_by_role("heading", name="Buyer 17").count() == 1
