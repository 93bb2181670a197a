"""Whose word each value of a profile is, and that what staff hold stays, whatever storefronts say."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.shops.models import AuditEntry
from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.actions import describe_customer, release_field
from customers.imports.actions import request_undo
from customers.ingest import CustomerIn, ingest_orders
from customers.merging import merge_customers, undo_merge
from customers.merging.identifiers import IdentifierIn, set_identifiers
from customers.models import Customer, Identifier, Order, ProfileChange
from customers.personal_data import erase_personal_data
from customers.provenance import PAGE, changes_of, values_of_profile
from customers.tasks import IMPORTS
from customers.upserts import Details, change_customer, upsert_customers
from tests.factories.customers import attribute, customer, give, order_in
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
FILE = "customer_id,email,name,city\nc1,ana@example.com,Anna,Leeds\n"
ORDERS = (
    "order_id,ordered_at,customer_id,email,name,city,product_id,product_name,quantity,unit_price,currency\n"
    "1001,2026-11-20 10:00,c1,ana@example.com,Anna,Leeds,p1,Tea,1,3.00,GBP\n"
)


def again(person):
    return Customer.objects.get(pk=person.pk)


def noted(shop):
    """Each change that was noted: field, door, kind of writer, its id."""
    with shop_scope(shop):
        rows = ProfileChange.objects.order_by("pk")
        return list(rows.values_list("field", "through", "actor_kind", "actor_id"))


def by_order(shop, key, bring_into, owner):
    order = order_in("1001", customer=CustomerIn("c1", "", "", "Anna", "Leeds", ""), placed_at=timezone.now())
    with shop_scope(shop):
        ingest_orders([order], by=key, now=timezone.now())


def by_single_write(shop, key, bring_into, owner):
    with shop_scope(shop):
        change_customer(Customer.objects.get(), Details(name="Anna", city="Leeds"), by=key, now=timezone.now())


def by_bulk(shop, key, bring_into, owner):
    with shop_scope(shop):
        upsert_customers([Details("c1", name="Anna", city="Leeds"), Details("c2")], by=key, now=timezone.now())


def by_file_of_orders(shop, key, bring_into, owner):
    bring_into(shop, ORDERS, by=owner)


def by_file_that_fills(shop, key, bring_into, owner):
    bring_into(shop, FILE, by=owner, name="fill", city="fill")


def by_file_that_overwrites(shop, key, bring_into, owner):
    bring_into(shop, FILE, by=owner, name="overwrite", city="overwrite")


def by_staff(shop, key, bring_into, owner):
    with shop_scope(shop):
        describe_customer(Customer.objects.get(), name="Anna", city="Leeds", by=owner, now=timezone.now())


def by_program(shop, key, bring_into, owner):
    with shop_scope(shop):
        change_customer(Customer.objects.get(), Details(name="Anna", city="Leeds"), by=None, now=timezone.now())


WAYS = {
    by_order: ("order", "key"),
    by_single_write: ("api", "key"),
    by_bulk: ("api", "key"),
    by_file_of_orders: ("file", "user"),
    by_file_that_fills: ("file", "user"),
    by_file_that_overwrites: ("file", "user"),
    by_staff: ("page", "user"),
    by_program: ("program", "system"),
}
STAFF = {by_staff, by_file_that_overwrites}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_way_to_change_a_value_names_its_source(way, shop, owner, key, bring_into):
    customer(shop, "", number="c1", email="ana@example.com")
    way(shop, key, bring_into, owner)
    door, kind = WAYS[way]
    writer = {"key": key.pk, "user": owner.pk, "system": None}[kind]
    assert sorted(noted(shop)) == [("city", door, kind, writer), ("name", door, kind, writer)]
    with shop_scope(shop):
        person = Customer.objects.order_by("pk")[0]
        assert (person.name, person.city) == ("Anna", "Leeds")
        told = {value.field: value.origin for value in values_of_profile(person)}
        assert told["name"].through == door
        order = Order.objects.filter(customer=person).first()
        assert told["name"].order == order
        # The property: what is said last of a field is when it was changed last.
        last = ProfileChange.objects.filter(field="name").order_by("-at")[0]
        assert told["name"].at == last.at == person.updated_at


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_way_to_make_a_customer_costs_no_row(way, shop, owner, key, bring_into):
    if way in (by_single_write, by_staff, by_program):
        return  # of known customers alone
    way(shop, key, bring_into, owner)
    door, kind = WAYS[way]
    assert noted(shop) == []
    with shop_scope(shop):
        person = Identifier.objects.select_related("customer").get(value="c1").customer
        assert (person.made_through, person.made_by_kind) == (door, kind)
        told = {value.field: value.origin for value in values_of_profile(person)}
        origin = told["identifier.external"]
        assert (origin.at, origin.through, origin.kind) == (person.created_at, door, kind)
        assert told["name"] == origin
        assert origin.order == Order.objects.filter(customer=person).first()
        assert (origin.import_id is not None) == (door == "file")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_staff_hold_only_staff_change(way, shop, owner, key, bring_into):
    customer(shop, "", number="c1", email="ana@example.com")
    with shop_scope(shop):
        describe_customer(Customer.objects.get(), name="Ms Lee", city="Bath", by=owner, now=timezone.now())
        assert Customer.objects.get().held == ["city", "name"]
        # Held, and empty: nobody fills it either.
        describe_customer(Customer.objects.get(), city="", by=owner, now=timezone.now())
    before = len(noted(shop))
    way(shop, key, bring_into, owner)
    with shop_scope(shop):
        person = Identifier.objects.select_related("customer").get(value="c1").customer
        assert (person.name, person.city) == (("Anna", "Leeds") if way in STAFF else ("Ms Lee", ""))
        assert person.held == ["city", "name"]
    assert len(noted(shop)) - before == (2 if way in STAFF else 0)


def test_the_rule_is_for_every_field_of_the_page(shop, owner, key):
    said = {
        "name": "Ana", "city": "Bath", "country": "GB", "birthday": "1990-05-17", "language": "en",
        "time_zone": "Europe/London", "company": "Tea", "kind": "wholesale", "is_minor": True, "do_not_profile": True,
    }  # fmt: skip
    other = {
        "name": "Eve", "city": "York", "country": "US", "birthday": "1991-05-17", "language": "de",
        "time_zone": "Europe/Berlin", "company": "Milk", "kind": "press", "is_minor": False, "do_not_profile": False,
    }  # fmt: skip
    ana = customer(shop, number="c1")
    with shop_scope(shop):
        assert change_customer(ana, Details(**said), by=owner, now=timezone.now())
        assert again(ana).held == sorted(said)
        assert not change_customer(again(ana), Details(**other), by=key, now=timezone.now())
        assert upsert_customers([Details("c1", **other)], by=key, now=timezone.now())[0].status == "unchanged"
        assert {name: getattr(again(ana), name) for name in said} == said
        for name in said:
            assert release_field(again(ana), name, by=owner)
            assert not release_field(again(ana), name, by=owner)
        assert change_customer(again(ana), Details(**other), by=key, now=timezone.now())
        assert {name: getattr(again(ana), name) for name in said} == other
        assert again(ana).held == []


def test_identifiers_and_attributes_are_noted_and_what_went_is_too(shop, owner, key):
    attribute(shop)
    ana = customer(shop, "Ana", number="c1", phone="+442079460958")
    give(ana, by=owner, now=timezone.now(), size=3)
    with shop_scope(shop):
        change_customer(ana, Details(email="ana@example.com"), by=key, now=timezone.now())
        set_identifiers(ana, [IdentifierIn("external", "", "c1")], by=key, now=timezone.now())
    give(ana, by=owner, now=timezone.now(), size=None)
    with shop_scope(shop):
        rows = ProfileChange.objects.order_by("pk").values_list("field", "is_removal", "actor_kind")
        assert [rows[0], rows[1]] == [("attribute.size", False, "user"), ("identifier.email", False, "key")]
        assert sorted(rows[2:4]) == [("identifier.email", True, "key"), ("identifier.phone", True, "key")]
        assert list(rows[4:]) == [("attribute.size", True, "user")]
        assert [value.field for value in values_of_profile(again(ana))] == ["name", "identifier.external"]


def test_a_merge_keeps_what_is_held_and_its_undo_gives_each_their_own_back(shop, owner, key):
    attribute(shop)
    ana, bob = customer(shop, "Ana", number="a", city="Bath"), customer(shop, "Bob", number="b", city="York")
    give(ana, now=timezone.now(), size=3)
    with shop_scope(shop):
        describe_customer(ana, name="Ana Lee", by=owner, now=timezone.now())
        change_customer(bob, Details(city="Leeds", birthday="1990-05-17"), by=key, now=timezone.now())
        before = [list(model.objects.order_by("pk").values()) for model in (Customer, ProfileChange)]
        merge = merge_customers(again(ana), again(bob), by=owner, now=timezone.now())
        merged = again(bob)
        assert (merged.name, merged.city, merged.held) == ("Ana Lee", "Leeds", ["name"])
        told = {value.field: value.origin for value in values_of_profile(merged)}
        assert (told["name"].through, told["name"].merged, told["name"].at) == ("merge", ana.pk, merge.merged_at)
        assert told["city"].through == "api"
        assert (told["attribute.size"].through, told["attribute.size"].merged) == ("merge", ana.pk)
        assert [change.person_id for change in changes_of(merged, fields=["name"]).changes] == [bob.pk, ana.pk]
        later = timezone.now()
        give(again(bob), by=owner, now=later, size=4)
        undo_merge(merge, by=owner, now=timezone.now())
        after = [list(model.objects.order_by("pk").values()) for model in (Customer, ProfileChange)]
        for rows in (before[0], after[0]):
            for row in rows:
                row.pop("updated_at")
        assert after[0] == before[0]
        # What was said of the attribute since went with it.
        (since,) = [row for row in after[1] if row not in before[1]]
        assert (since["field"], since["customer_id"], since["at"]) == ("attribute.size", ana.pk, later)
        assert [row for row in before[1] if row not in after[1]] == []


def test_whoever_chose_in_a_merge_is_not_overruled(shop, owner):
    ana, bob = customer(shop, "Ana"), customer(shop, "Bob")
    with shop_scope(shop):
        describe_customer(ana, name="Ana Lee", by=owner, now=timezone.now())
        merge_customers(again(ana), bob, by=owner, now=timezone.now(), keep=["name"])
        assert (again(bob).name, again(bob).held) == ("Bob", [])
        cleo = customer_held_empty(shop, owner)
        merge_customers(again(bob), again(cleo), by=owner, now=timezone.now())
        assert (again(cleo).name, again(cleo).held) == ("", ["name"])


def customer_held_empty(shop, owner):
    cleo = Customer.objects.create(shop=shop, name="Cleo")
    describe_customer(cleo, name="", by=owner, now=timezone.now())
    return cleo


def test_undoing_an_import_forgets_what_it_has_noted(shop, owner, key, bring_into):
    customer(shop, "Ana", number="c1")
    with shop_scope(shop):
        describe_customer(Customer.objects.get(), city="Bath", by=owner, now=timezone.now())
        before = [list(model.objects.order_by("pk").values()) for model in (Customer, Identifier, ProfileChange)]
    job = bring_into(shop, FILE, by=owner, name="overwrite", city="overwrite")
    assert sorted(row[0] for row in noted(shop)) == ["city", "city", "identifier.email", "name"]
    with shop_scope(shop):
        request_undo(job, by=owner, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        after = [list(model.objects.order_by("pk").values()) for model in (Customer, Identifier, ProfileChange)]
    assert after == before


def test_no_row_is_of_another_shop_and_erasing_takes_them(shop, other_shop, owner):
    ana, eve = customer(shop, "Ana"), customer(other_shop, "Eve")
    with shop_scope(other_shop):
        change_customer(eve, Details(city="Oslo"), by=None, now=timezone.now())
    with shop_scope(shop):
        describe_customer(ana, city="Bath", by=owner, now=timezone.now())
        assert list(ProfileChange.objects.values_list("customer_id", flat=True)) == [ana.pk]
        assert changes_of(eve).changes == []
        erase_personal_data(again(ana), now=timezone.now())
        assert ProfileChange.objects.count() == 0
    assert [row[0] for row in noted(other_shop)] == ["city"]


# Pages


def page_of(person, name="provenance"):
    return reverse(f"customers:{name}", args=[person.shop.slug, person.pk])


def test_the_page_says_where_each_value_comes_from(browser, shop, owner, key):
    ana = customer(shop, "Ana", number="c1", phone="+442079460958")
    with shop_scope(shop):
        describe_customer(ana, city="Bath", by=owner, now=NOW)
        change_customer(ana, Details(email="ana@example.com"), by=key, now=NOW + timedelta(hours=1))
    page = browser.get(page_of(ana))
    shown = page.context["provenance"]
    assert [(row.label, row.text, row.source, row.is_held) for row in shown.values] == [
        ("Name", "Ana", "not noted then", False),
        ("City", "Bath", str(owner), True),
        ("Phone", "+44•••0958", "not noted then", False),
        ("Shop's customer number", "c1", "not noted then", False),
        ("E-mail", "a•••@example.com", "key “Web shop”", False),
    ]
    assert [(row.title, row.source) for row in shown.changes] == [
        ("E-mail added", "key “Web shop”"),
        ("City changed", str(owner)),
    ]
    assert "ana@example.com" not in page.text
    part = browser.get(page_of(ana) + "?field=identifier.email", **HTMX)
    assert "<html" not in part.text
    assert [row.label for row in part.context["provenance"].values] == ["E-mail"]
    whole = browser.get(page_of(ana, "detail"))
    assert f'{page_of(ana)}?field=identifier.phone"' in whole.text


def test_staff_let_a_value_go_and_only_staff_may(browser, shop, owner, make_member, as_person):
    ana = customer(shop, "Ana")
    with shop_scope(shop):
        describe_customer(ana, city="Bath", by=owner, now=NOW)
    analyst = as_person(make_member(shop, Role.ANALYST))
    assert "Let the storefront say it again" not in analyst.get(page_of(ana)).text
    assert analyst.post(page_of(ana, "release"), {"release": "city"}).status_code == 403
    assert "Let the storefront say it again" in browser.get(page_of(ana)).text
    part = browser.post(page_of(ana, "release"), {"release": "city", "field": "city"}, **HTMX)
    assert [row.is_held for row in part.context["provenance"].values] == [False]
    assert browser.post(page_of(ana, "release"), {"release": "city"}).status_code == 302
    with shop_scope(shop):
        assert again(ana).held == []
        assert AuditEntry.objects.filter(action="customer.released").get().details == {"fields": ["city"]}


def marks(text):
    """Which marks a page or a part of it shows, and whether each says that staff hold the value."""
    found = re.findall(r'<span id="held-([\w.]+)"([^>]*)>(.*?)</span>\s*(?:</a>|</section>)', text, re.DOTALL)
    return {name: "held by staff" in inner for name, attributes, inner in found if "oob" not in attributes}


def test_name_and_place_are_marked_as_held_and_the_mark_goes_once_all_of_it_is_let_go(browser, shop, owner):
    ana = customer(shop, "Ana")
    assert marks(browser.get(page_of(ana, "detail")).text) | {"name": False, "city": False} == marks(
        browser.get(page_of(ana, "detail")).text
    )
    with shop_scope(shop):
        describe_customer(ana, name="Ana Lee", city="Bath", country="GB", by=owner, now=NOW)
    shown = marks(browser.get(page_of(ana, "detail")).text)
    assert (shown["name"], shown["city"]) == (True, True)
    for field, mark, is_held in (("name", "name", False), ("country", "city", True), ("city", "city", False)):
        part = browser.post(page_of(ana, "release"), {"release": field, "field": field}, **HTMX).text
        swapped = re.search(r'<span id="held-(\w+)" hx-swap-oob="true">(.*?)</section>', part, re.DOTALL)
        assert (swapped[1], "held by staff" in swapped[2]) == (mark, is_held), field
    again_ = browser.post(page_of(ana, "release"), {"release": "city", "field": "city"}, **HTMX).text
    assert "hx-swap-oob" not in again_
    shown = marks(browser.get(page_of(ana, "detail")).text)
    assert (shown["name"], shown["city"]) == (False, False)


def test_changes_come_a_page_at_a_time(browser, shop, owner):
    ana = customer(shop, "Ana")
    with shop_scope(shop):
        for number in range(PAGE + 1):
            describe_customer(again(ana), city=f"City {number}", by=owner, now=NOW + timedelta(minutes=number))
    first = browser.get(page_of(ana) + "?field=city").context["provenance"]
    second = browser.get(page_of(ana) + f"?field=city&cursor={first.next}").context["provenance"]
    assert (len(first.changes), len(second.changes), second.next) == (PAGE, 1, None)
    assert second.changes[0].at == NOW
    assert browser.get(page_of(ana) + "?cursor=nonsense").status_code == 404


def test_the_page_of_a_merge_begins_with_what_staff_hold(browser, shop, owner):
    ana, bob = customer(shop, "Ana", city="Bath"), customer(shop, "Bob", city="York")
    with shop_scope(shop):
        describe_customer(ana, name="Ana Lee", by=owner, now=NOW)
    url = page_of(bob, "merge")
    choices = {each.name: each for each in browser.get(f"{url}?with={ana.pk}").context["choices"]}
    assert (choices["name"].prefers_other, choices["city"].prefers_other) == (True, False)
    sent = {f"take_{name}": "other" if each.prefers_other else "mine" for name, each in choices.items()}
    assert browser.post(url, sent | {"with": ana.pk}).status_code == 302
    with shop_scope(shop):
        assert (again(bob).name, again(bob).city, again(bob).held) == ("Ana Lee", "York", ["name"])
