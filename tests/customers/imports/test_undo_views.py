"""The pages of an undo, and the lists that the numbers of a report open."""

import pytest
from django.urls import reverse

from crm.shops.models import AuditEntry
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.imports import undo as undo_module
from customers.models import Customer, ImportJob, Order
from tests.customers.imports.test_undo import ROW, a_refund, by_api, imported
from tests.customers.imports.test_views import state, url, work

pytestmark = pytest.mark.django_db
LINES = [(str(number), *ROW[1:]) for number in range(20, 23)]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def browser(as_person, owner):
    return as_person(owner)


def test_an_undo_is_asked_for_counted_and_reported(shop, browser, owner):
    job = imported(shop, [*LINES, ("23", *ROW[1:10], "cancelled", *ROW[11:])])
    by_api(shop, refunds=[a_refund("late", "21", 5)])
    page = browser.get(url(shop, "job", job.pk))
    assert url(shop, "undo", job.pk) in page.content.decode()
    page = browser.get(url(shop, "undo", job.pk))
    undo = page.context["undo"]
    assert (undo.leaves, undo.as_before) == (["3 orders"], [])
    assert undo.stays == ["Whatever was changed after the import: it is listed afterwards, each with the reason."]
    assert undo.notes == ["What the API has only confirmed since, without a change, counts as the import's."]
    assert browser.post(url(shop, "undo", job.pk)).url == url(shop, "job", job.pk)
    assert browser.get(url(shop, "job", job.pk)).context["page"] == "running"
    assert b'data-dialog-open="cancel"' not in browser.get(url(shop, "job", job.pk)).content
    work(shop)
    page = browser.get(url(shop, "job", job.pk))
    assert page.context["page"] == "undone"
    assert [(str(stat.label), stat.figure) for stat in page.context["undone"]] == [
        ("Orders removed", "3"),
        ("Customers removed", "0"),
        ("Left as they are", "3"),
    ]
    with shop_scope(shop):
        order, customer = Order.objects.get(), Customer.objects.get()
        actions = list(
            AuditEntry.objects.filter(action__startswith="import.undo").order_by("seq").values_list("action")
        )
    assert [(row.kind, row.name, row.reason, row.url) for row in page.context["kept"]] == [
        ("order", "21", "has a refund that did not come with this import",
         reverse("customers:order", args=[shop.slug, order.pk])),
        ("customer", "Nia", "changed after this import", reverse("customers:detail", args=[shop.slug, customer.pk])),
        ("product", "Pot", "other orders, notes or tags need it", ""),
    ]  # fmt: skip
    assert actions == [("import.undo_requested",), ("import.undone",)]
    assert b"Undone" in browser.get(url(shop, "list")).content
    assert browser.post(url(shop, "undo", job.pk)).status_code == 302
    assert state(shop, job.pk) == "done"


def test_only_what_really_leaves_is_promised(shop, browser, monkeypatch):
    first = imported(shop, LINES)
    imported(shop, LINES[:2])

    def promised():
        undo = browser.get(url(shop, "undo", first.pk)).context["undo"]
        return undo.leaves, undo.as_before, undo.notes[-1]

    api = "What the API has only confirmed since, without a change, counts as the import's."
    assert promised() == (["1 order"], [], api)
    imported(shop, LINES[2:])
    nothing = "Nothing of it would leave: all that it has brought was changed, or came again, since."
    assert promised() == ([], [], nothing)
    assert promised() == ([], [], nothing)  # looking has changed nothing
    with shop_scope(shop):
        assert (Order.objects.count(), Customer.objects.count(), first.changes.exclude(kept="").count()) == (3, 1, 0)
    monkeypatch.setattr(undo_module, "TRIED_ROWS", 4)
    at_most = "The numbers are the most that can leave: what stays is not yet taken off them."
    assert promised() == (["3 orders", "1 customer", "1 product"], [], at_most)


def test_each_number_of_a_report_opens_its_rows(shop, browser):
    by_api(shop, refunds=[a_refund("early", "", 5)])
    imported(shop, LINES)
    job = imported(shop, [LINES[0], ("21", *ROW[1:8], "2", *ROW[9:]), ("24", *ROW[1:13], "1.00"), ("25", *ROW[1:])])
    page = browser.get(url(shop, "job", job.pk))
    figures = {str(stat.label): stat for stat in page.context["figures"]}
    shown = {}
    for label, stat in figures.items():
        if not stat.url:
            continue
        found = browser.get(stat.url).context["list"]
        shown[label] = sorted(order.external_id for order in found.orders)
        assert len(shown[label]) == int(stat.figure)
    assert shown == {
        "New orders": ["24", "25"], "Changed orders": ["21"], "Unchanged orders": ["20"], "New refunds": ["24"],
    }  # fmt: skip


@pytest.mark.parametrize("number", ["abc", "-1", "0", "1.5", "9" * 30])
def test_what_is_no_number_of_an_import_lists_nothing(shop, browser, number):
    imported(shop, LINES)
    page = browser.get(reverse("orders", args=[shop.slug]), {"import": number})
    assert (page.status_code, list(page.context["list"].orders)) == (200, [])
    why = "The address names an import that there cannot be."
    assert why in page.text
    assert "Import your orders" not in page.text
    page = browser.get(reverse("customers:list", args=[shop.slug]), {"import": number})
    assert page.status_code == 200
    assert b"Nia" not in page.content
    assert why in page.text


def test_cancelled_orders_and_new_customers_are_among_the_rows(shop, browser):
    job = imported(shop, [LINES[0], ("26", *ROW[1:10], "cancelled", *ROW[11:])])
    by_api(shop, refunds=[a_refund("late", "", 5)])
    page = browser.get(url(shop, "job", job.pk))
    urls = {str(stat.label): stat.url for stat in page.context["figures"]}
    orders = browser.get(urls["New orders"])
    assert [order.external_id for order in orders.context["list"].orders] == ["26", "20"]
    assert orders.context["total_text"].startswith("2 orders")
    assert orders.context["chip"] == {"name": "Import", "value": "orders.csv (new by it)", "remove_url": "?"}
    customers = browser.get(urls["New customers"])
    assert [row.customer.name for row in customers.context["list"].rows] == ["Nia"]
    (chip,) = customers.context["chips"]
    assert (chip.name, chip.value, chip.remove_url) == ("Import", "orders.csv (new by it)", "?")


@pytest.mark.parametrize("route", ["orders", "customers:list"])
@pytest.mark.parametrize("number", ["theirs", 987654321, 2**63 - 1])
def test_a_foreign_or_unknown_import_finds_nothing_and_tells_nothing(shop, other_shop, browser, route, number):
    imported(shop, LINES)
    if number == "theirs":
        number = imported(other_shop, LINES).pk
    page = browser.get(reverse(route, args=[shop.slug]), {"import": number, "import_outcome": "created"})
    found = page.context["list"]
    assert (found.orders if route == "orders" else found.rows) == []
    assert "orders.csv" not in page.content.decode()
    assert f"#{number}" in page.content.decode()


def test_an_order_says_with_which_import_it_came_to_those_who_may_import(shop, browser, as_person, make_member):
    job = imported(shop, LINES)
    with shop_scope(shop):
        order = Order.objects.first()
    address = reverse("customers:order", args=[shop.slug, order.pk])
    assert url(shop, "job", job.pk) in browser.get(address).content.decode()
    agent = as_person(make_member(shop, Role.AGENT))
    answer = agent.get(address)
    assert (answer.status_code, url(shop, "job", job.pk) in answer.content.decode()) == (200, False)


def test_an_import_that_wrote_nothing_cannot_be_undone(shop, browser):
    with shop_scope(shop):
        job = ImportJob.objects.create(
            shop=shop, state="done", filename="a.csv", counts={"rows": 0}, created_at="2026-11-20T10:00Z"
        )
    assert url(shop, "undo", job.pk) not in browser.get(url(shop, "job", job.pk)).content.decode()
    assert browser.get(url(shop, "undo", job.pk)).url == url(shop, "job", job.pk)
    browser.post(url(shop, "undo", job.pk))
    assert state(shop, job.pk) == "done"
