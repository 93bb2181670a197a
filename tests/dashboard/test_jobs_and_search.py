"""What runs in the background, the quick search, and the orders behind a number."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.dashboard import orders, views
from crm.dashboard.help import STAGES
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.models import Customer, ExportJob, ImportJob
from segmentation.charts import STAGES_IN_ORDER
from segmentation.models import ScoreRun, Stage
from tests.factories import customers

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)


@pytest.fixture
def see(shop, owner, as_person):
    client = as_person(owner)
    return lambda path: client.get(f"/s/{shop.slug}/{path}")


def start(shop, model, state="running", **fields):
    with shop_scope(shop):
        return model.objects.create(shop=shop, state=state, created_at=NOW, **fields)


def test_ring_is_empty_and_asks_seldom_while_nothing_runs(shop, see):
    start(shop, ImportJob, "done", work="run", filename="old.csv", file="x")
    start(shop, ScoreRun, "queued", trigger="nightly")  # planned, not asked for
    ring = see("jobs/ring/").text
    assert 'hx-trigger="every 15s"' in ring
    assert "<svg" not in ring


def test_ring_shows_how_far_all_jobs_are_and_asks_often(shop, owner, see):
    start(shop, ImportJob, work="run", filename="orders.csv", file="x", progress=0.5)
    start(shop, ExportJob, requested_by=owner, progress=0.25)
    start(shop, ScoreRun, "queued", trigger="button")
    ring = see("jobs/ring/").text
    assert 'hx-trigger="every 3s"' in ring
    assert "25%" in ring
    assert "3 jobs running" in ring


def test_jobs_page_lists_what_the_person_may_see(shop, other_shop, see, make_member, as_person):
    start(shop, ImportJob, work="run", filename="orders.csv", file="x", progress=0.5)
    start(other_shop, ImportJob, work="run", filename="foreign.csv", file="x")
    start(shop, ScoreRun, trigger="button", step="predicting", progress=0.4)
    assert [job.label for job in see("jobs/").context["jobs"]] == ["Importing orders.csv", "Scoring customers"]
    agent = as_person(make_member(shop, Role.AGENT))
    assert agent.get("/s/tea/jobs/").context["jobs"] == []


def test_jobs_of_others_exports_stay_theirs(shop, see, make_member):
    start(shop, ExportJob, requested_by=make_member(shop, Role.MARKETER))
    assert see("jobs/").context["jobs"] == []


def test_ring_asks_as_much_for_one_job_as_for_five(shop, see):
    def count():
        with CaptureQueriesContext(connection) as queries:
            see("jobs/ring/")
        return len(queries)

    start(shop, ImportJob, work="run", filename="0.csv", file="x")
    see("jobs/ring/")
    one = count()
    for number in range(4):
        start(shop, ImportJob, work="run", filename=f"{number}.csv", file="x")
    assert count() == one


# Search


def order(shop, number, customer=None, day="2026-11-18", **fields):
    at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return customers.order(shop, number, customer=customer, placed_at=at, **fields)


def groups(page):
    """What was found, by the head of the group."""
    return {group.label: [hit.label for hit in group.found.hits] for group in page.context["groups"]}


def test_search_finds_customers_orders_and_pages(shop, other_shop, see, make_customer):
    ming = make_customer(shop, "王小明", phone="+8613800138000", number="A-77")
    make_customer(other_shop, "王小明")
    order(shop, "INV-9", ming)
    page = see("search/?q=小明")
    assert groups(page) == {"Customers": ["王小明"]}
    [(note,)] = [[hit.note for hit in group.found.hits] for group in page.context["groups"]]
    assert note.endswith("8000")
    assert "138001" not in note
    assert groups(see("search/?q=INV-9")) == {"Orders": ["Order INV-9"], "Customers": ["王小明"]}
    assert groups(see("search/?q=coho")) == {"Pages": ["Cohorts"]}


def test_suggestions_are_few_and_lead_to_the_rest(shop, see, make_customer):
    for number in range(8):
        make_customer(shop, f"Anna Number {number}")
    page = see("search/suggest/?q=anna")
    assert [len(hits) for hits in groups(page).values()] == [6]
    assert "/s/tea/search/?q=anna" in page.text


def test_search_without_a_text_or_a_hit_says_what_to_type(see):
    assert "What are you looking for?" in see("search/").text
    assert "Nothing found" in see("search/?q=zzzzzz").text
    assert see("search/suggest/?q=").text.strip() == ""
    assert "Nothing found" in see("search/?q=zz%00zz").text
    assert "Nothing found" in see("search/suggest/?q=%00").text


def test_pages_are_those_the_role_may_open(shop, make_member, as_person):
    agent = as_person(make_member(shop, Role.AGENT))
    assert groups(agent.get("/s/tea/search/?q=forecast")) == {}


def test_help_explains_every_stage_and_is_found_from_every_page(shop, see, make_member, as_person):
    assert [(stage, bool(str(text))) for stage, _label, text in see("help/").context["stages"]] == [
        (stage, True) for stage in STAGES_IN_ORDER
    ]
    assert set(STAGES) == set(Stage)
    agent = as_person(make_member(shop, Role.AGENT))
    assert 'href="/s/tea/help/"' in agent.get("/s/tea/customers/").text
    assert "/s/tea/insights/" not in agent.get("/s/tea/help/").text


# The orders behind a number


def test_orders_are_those_of_the_days_and_of_the_kind(shop, see):
    with shop_scope(shop):
        anna = Customer.objects.create(shop=shop, name="Anna", first_order_on="2026-11-16")
    order(shop, "first", anna, "2026-11-16")
    order(shop, "again", anna, "2026-11-18")
    order(shop, "nobody", None, "2026-11-18")
    order(shop, "later", anna, "2026-11-23")
    order(shop, "cancelled", anna, "2026-11-18", is_purchase=False)

    def shown(query):
        return [
            found.external_id
            for found in see(f"orders/?placed_from=2026-11-16&placed_to=2026-11-22{query}").context["list"].orders
        ]

    assert sorted(shown("")) == ["again", "first", "nobody"]
    assert shown("&kind=new") == ["first"]
    assert shown("&kind=returning") == ["again"]
    assert shown("&kind=unknown") == ["nobody"]
    assert shown("&first_from=2026-11-16&first_to=2026-11-30") == ["again", "first"]
    assert shown("&first_from=2026-12-01") == []


def test_orders_say_how_many_and_how_much_they_are(shop, see, monkeypatch):
    for number in range(3):
        order(shop, f"paid-{number}", revenue_minor=1050)
    order(shop, "cancelled", revenue_minor=99, is_purchase=False)
    assert see("orders/").context["total_text"] == "3 orders · £31.50 · AOV £10.50 · 3 of them by guests"
    assert see("orders/?kind=new").context["total_text"] == "0 orders · £0.00"
    monkeypatch.setattr(orders, "MOST_ADDED_UP", 2)
    monkeypatch.setattr(views, "MOST_ADDED_UP", 2)
    assert see("orders/").context["total_text"] == "More than 2 orders"


def test_orders_leave_out_filters_they_cannot_read(shop, see):
    order(shop, "one")
    assert [found.external_id for found in see("orders/?placed_from=soon&kind=x").context["list"].orders] == ["one"]
    assert see("orders/?cursor=broken").status_code == 302
    assert see("orders/?placed_from=0001-01-01&placed_to=9999-12-31").status_code == 200


def test_a_shop_without_orders_is_shown_the_way_to_them(shop, see):
    assert b"Import orders" in see("orders/").content
    assert b"None were placed in these days." in see("orders/?placed_from=2026-11-16").content


def test_sums_of_orders_are_for_who_may_see_insights(shop, make_member, as_person):
    order(shop, "paid", revenue_minor=1050)
    agent = as_person(make_member(shop, Role.AGENT))
    assert agent.get("/s/tea/orders/").context["total_text"] == "1 order"
    assert "£" not in agent.get("/s/tea/orders/?kind=unknown").context["total_text"]


def test_orders_are_found_as_a_page(see):
    assert groups(see("search/?q=orders")) == {"Pages": ["Orders"]}
