"""Addresses on a customer's timeline: added, changed and removed, masked for whoever may not see contacts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.shops.roles import Role
from crm.tenancy.scope import shop_scope
from customers.addresses import add_address, change_address, remove_address, version, write_addresses
from customers.domain.addresses import AddressIn
from customers.merging import merge_customers, undo_merge
from customers.models import Address, ProfileChange
from customers.timeline import SOURCES, Place
from tests.factories.customers import customer
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
SAID = AddressIn("shipping", line1="Mill Road 1", city="Leeds", phone="+442079460958")


@pytest.fixture
def ana(shop):
    return customer(shop, "Ana", number="c1", last_order_at=NOW)


def entries(who):
    """Title and text of each change, latest first."""
    source = next(each for each in SOURCES if each.name == "changes")
    with shop_scope(who.shop_id):
        return [(each.title, each.text) for each in source.read(who, who.shop, Place(source.order, None))]


def noted(who):
    with shop_scope(who.shop_id):
        rows = ProfileChange.objects.filter(customer=who).order_by("pk")
        return list(rows.values_list("field", "is_addition", "is_removal"))


def test_an_address_that_is_added_changed_and_removed_is_told(shop, ana, owner):
    at = timezone.now()
    with shop_scope(shop):
        made = add_address(ana, SAID, by=owner, now=at)
    assert entries(ana) == [("Shipping address added", f"Mill Road 1, Leeds · {owner}")]
    with shop_scope(shop):
        said = SAID._replace(type="billing", line1="Mill Road 2")
        change_address(made, said, seen=version(made), by=owner, now=at + timedelta(minutes=1))
    assert entries(ana) == [
        ("Billing address changed", f"Mill Road 2, Leeds · {owner}"),
        ("Shipping address added", f"Mill Road 2, Leeds · {owner}"),
    ]
    with shop_scope(shop):
        made = Address.objects.get()
        remove_address(made, seen=version(made), by=owner, now=at + timedelta(minutes=2))
    assert entries(ana) == [
        ("Billing address taken away", str(owner)),
        ("Billing address changed", str(owner)),
        ("Shipping address added", str(owner)),
    ]


def test_whoever_may_not_see_contacts_sees_no_street(shop, ana, as_person, make_member):
    with shop_scope(shop):
        add_address(ana, SAID, by=None, now=timezone.now())
    page = reverse("customers:detail", args=[shop.slug, ana.pk])
    assert "Mill Road 1, Leeds" in as_person(make_member(shop, Role.OWNER)).get(page).text
    page = as_person(make_member(shop, Role.ANALYST)).get(page).text
    assert "Shipping address added" in page
    assert "Mill Road" not in page


def test_whole_lists_note_what_they_do_once(shop, ana):
    with shop_scope(shop):
        write_addresses(
            {ana.pk: [SAID, SAID._replace(line1="Mill Road 2", is_default=True)]}, by=None, now=timezone.now()
        )
    assert noted(ana) == [("address.shipping", True, False), ("address.shipping", True, False)]
    with shop_scope(shop):
        write_addresses({ana.pk: [SAID]}, by=None, now=timezone.now())
        write_addresses({ana.pk: [SAID]}, by=None, now=timezone.now())
    assert noted(ana)[2:] == [("address.shipping", False, True)]


def test_what_a_new_customer_came_with_is_no_news(shop, ana):
    with shop_scope(shop):
        write_addresses({ana.pk: [SAID]}, by=None, now=ana.created_at)
    assert noted(ana) == []


def test_a_merge_undone_gives_back_what_was_noted_since_of_addresses(shop, ana):
    bo = customer(shop, "Bo", number="c2")
    with shop_scope(shop):
        add_address(bo, SAID, by=None, now=timezone.now())
        merge = merge_customers(bo, ana, by=None, now=timezone.now())
        moved = Address.objects.get()
        change_address(moved, SAID._replace(city="York"), seen=version(moved), by=None, now=timezone.now())
        undo_merge(merge, by=None, now=timezone.now())
    assert noted(bo) == [("address.shipping", True, False), ("address.shipping", False, False)]
    assert noted(ana) == []


def test_of_another_shop_nothing_is_told(shop, other_shop, ana):
    other = customer(other_shop, "Ana", number="c1")
    with shop_scope(other_shop):
        add_address(other, SAID, by=None, now=timezone.now())
    assert entries(ana) == []
