"""Addresses: told to be the same, bounded, one first of each type, written as lists, merged and given back, masked."""

import pytest

from crm.shops.models import AuditEntry
from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import shop_scope
from customers.addresses import (
    AddressChanged,
    AddressRefused,
    add_address,
    addresses_of,
    change_address,
    remove_address,
    version,
    write_addresses,
)
from customers.demo.addresses import STEP
from customers.domain.addresses import MAX_ADDRESSES, AddressIn, read_part
from customers.domain.attributes import BadValue
from customers.exports import MORE_COLUMNS
from customers.merging import merge_customers, undo_merge
from customers.models import Address
from tests.factories.customers import customer
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
HOME = AddressIn("shipping", "Ana", line1="Mill Road 1", city="Leeds", postcode="LS1 4AP", country="GB")


@pytest.fixture
def ana(shop):
    return customer(shop, "Ana", number="c1", last_order_at=NOW)


def add(customer, said=HOME, **parts):
    return add_address(customer, said._replace(**parts), by=None, now=NOW)


def told(customer):
    with shop_scope(customer.shop_id):
        found = addresses_of([customer.pk]).get(customer.pk, [])
        return [(each.address.type, each.address.line1, each.is_first) for each in found]


def test_the_digest_is_the_same_in_python_and_in_sql(shop, ana):
    with shop_scope(shop):
        said = HOME._replace(company="茶 & Co", phone="+442079460958")
        made = add(ana, said)
        assert Address.objects.get(pk=made.pk).digest == said.digest
        assert Address.objects.get(pk=made.pk).parts == said


def test_of_each_type_one_is_first(shop, ana):
    with shop_scope(shop):
        add(ana)
        add(ana, line1="Mill Road 2")
        add(ana, type="billing", line1="Mill Road 3")
    assert told(ana) == [("billing", "Mill Road 3", True), ("shipping", "Mill Road 1", True),
                         ("shipping", "Mill Road 2", False)]  # fmt: skip
    with shop_scope(shop):
        add(ana, line1="Mill Road 4", is_default=True)
        add(ana, line1="Mill Road 5", is_default=True)  # at the same moment
    assert told(ana)[1:] == [("shipping", "Mill Road 5", True), ("shipping", "Mill Road 1", False),
                             ("shipping", "Mill Road 2", False), ("shipping", "Mill Road 4", False)]  # fmt: skip


def test_what_was_first_of_one_type_is_not_of_another(shop, ana):
    with shop_scope(shop):
        add(ana)
        made = add(ana, type="billing", line1="Mill Road 3")
        add(ana, type="billing", line1="Mill Road 4", is_default=True)
        last = Address.objects.get(line1="Mill Road 4")
        change_address(last, HOME._replace(line1="Mill Road 4"), seen=version(last), by=None, now=NOW)
    assert told(ana) == [("billing", "Mill Road 3", True), ("shipping", "Mill Road 1", True),
                         ("shipping", "Mill Road 4", False)]  # fmt: skip
    assert made.type == "billing"


def test_the_same_twice_and_one_too_many_are_refused(shop, ana):
    with shop_scope(shop):
        add(ana)
        with pytest.raises(AddressRefused, match="known"):
            add(ana)
        for number in range(2, MAX_ADDRESSES + 1):
            add(ana, line1=f"Mill Road {number}")
        with pytest.raises(AddressRefused, match="too_many"):
            add(ana, line1="Mill Road 0")
        first, second = Address.objects.order_by("pk")[:2]
        with pytest.raises(AddressRefused, match="known"):
            change_address(second, first.parts, seen=version(second), by=None, now=NOW)


def test_whoever_saw_another_address_changes_and_removes_nothing(shop, ana):
    with shop_scope(shop):
        made = add(ana)
        for what in (
            lambda: change_address(made, HOME._replace(city="York"), seen="", by=None, now=NOW),
            lambda: remove_address(made, seen="", by=None, now=NOW),
        ):
            with pytest.raises(AddressChanged) as changed:
                what()
            assert changed.value.now == made
        assert not change_address(made, HOME, seen=version(made), by=None, now=NOW)
        remove_address(made, seen=version(made), by=None, now=NOW)
        with pytest.raises(AddressChanged) as changed:
            remove_address(Address(pk=made.pk, customer_id=ana.pk), seen=version(made), by=None, now=NOW)
        assert changed.value.now is None
        entries = AuditEntry.objects.filter(action="customer.addresses_changed").order_by("pk")
        assert [entry.details for entry in entries] == [{"added": [made.pk]}, {"removed": [made.pk]}]


def test_a_list_is_written_by_what_differs(shop, other_shop, ana):
    bo, theirs = customer(shop, "Bo"), customer(other_shop, "Cy")
    with shop_scope(other_shop):
        add(theirs)
    second = HOME._replace(line1="Mill Road 2")
    with shop_scope(shop):
        assert write_addresses({ana.pk: [HOME, second, HOME], bo.pk: [HOME]}, by=None, now=NOW) == {ana.pk, bo.pk}
        ids = dict(Address.objects.filter(customer=ana).values_list("line1", "pk"))
        assert write_addresses({ana.pk: [second, HOME], bo.pk: [HOME]}, by=None, now=NOW) == set()
        assert write_addresses({ana.pk: [second._replace(is_default=True), HOME]}, by=None, now=NOW) == {ana.pk}
        assert told_ids(ana) == [(ids["Mill Road 2"], True), (ids["Mill Road 1"], False)]
        assert write_addresses({ana.pk: [second, HOME]}, by=None, now=NOW) == set()
        assert write_addresses({ana.pk: [HOME], bo.pk: []}, by=None, now=NOW) == {ana.pk, bo.pk}
        assert told_ids(ana) == [(ids["Mill Road 1"], True)]
        assert told_ids(bo) == []
        entries = AuditEntry.objects.filter(action="customers.addresses_changed").order_by("pk")
        assert [entry.details for entry in entries] == [{"customers": 2}, {"customers": 1}, {"customers": 2}]
    assert told(theirs) == [("shipping", "Mill Road 1", True)]


def told_ids(customer):
    return [(each.address.pk, each.is_first) for each in addresses_of([customer.pk]).get(customer.pk, [])]


def test_a_merge_moves_them_the_same_once_and_its_undo_gives_them_back(shop, owner, ana):
    bo = customer(shop, "Bo", number="c2")
    with shop_scope(shop):
        add(ana, is_default=True)
        add(ana, line1="Mill Road 2")
        add(bo)
        add(bo, line1="Mill Road 3")
        rows = list(Address.objects.order_by("pk").values())
        merge = merge_customers(ana, bo, by=owner, now=NOW)
        assert [each.address.line1 for each in addresses_of([bo.pk])[bo.pk]] == [
            "Mill Road 2", "Mill Road 1", "Mill Road 3",
        ]  # fmt: skip
        undo_merge(merge, by=owner, now=NOW)
        assert list(Address.objects.order_by("pk").values()) == rows


def test_who_may_not_see_contacts_sees_no_door(shop, ana):
    with shop_scope(shop):
        add(ana, line2="Flat 2", phone="+442079460958")
        with contacts_hidden(True):
            (shown,) = addresses_of([ana.pk])[ana.pk]
            assert shown.lines == ["Ana", "•••", "•••", "Leeds", "•••", "United Kingdom", "+44•••0958"]
        (shown,) = addresses_of([ana.pk])[ana.pk]
        assert shown.lines == [
            "Ana", "Mill Road 1", "Flat 2", "Leeds", "LS1 4AP", "United Kingdom", "+44•••0958",
        ]  # fmt: skip


def test_the_file_of_customers_has_the_first_of_two_types_and_all_others_in_one_column(shop, ana):
    columns = MORE_COLUMNS["addresses"]
    with shop_scope(shop):
        add(ana)
        add(ana, line1="Mill Road 2", is_default=True)
        add(ana, type="work", line1="Mill Road 3")
        cells = dict(zip(columns.headings, columns.cells([ana.pk], shop)[ana.pk], strict=True))
    assert {name: cell for name, cell in cells.items() if cell} == {
        "address.shipping.recipient": "Ana",
        "address.shipping.line1": "Mill Road 2",
        "address.shipping.city": "Leeds",
        "address.shipping.postcode": "LS1 4AP",
        "address.shipping.country": "GB",
        "address.more": '[{"type": "shipping", "recipient": "Ana", "line1": "Mill Road 1", "city": "Leeds", '
        '"postcode": "LS1 4AP", "country": "GB"}, {"type": "work", "recipient": "Ana", "line1": "Mill Road 3", '
        '"city": "Leeds", "postcode": "LS1 4AP", "country": "GB"}]',
    }
    assert len(cells) == 19


def test_parts_are_one_line_of_bounded_length():
    assert read_part("line1", " Mill \n Road ") == "Mill Road"
    for text, code in (("x" * 201, "too_long"), ("a\x00", "control_character"), ("a\ud800", "control_character")):
        with pytest.raises(BadValue, match=code):
            read_part("line1", text)


def test_a_demo_shop_has_addresses(shop, ana):
    from datetime import date

    from crm.shops.demo_steps import DemoShop

    for n in range(30):
        customer(shop, f"No. {n}", last_order_at=NOW, city="Leeds")
    with shop_scope(shop):
        assert not STEP.is_done()
    STEP.fill(DemoShop(shop, date(2026, 11, 19), NOW), lambda share: None)
    with shop_scope(shop):
        assert STEP.is_done()
        assert {"shipping", "billing"} <= set(Address.objects.values_list("type", flat=True))
