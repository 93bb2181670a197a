"""Rows of files on two who are one meanwhile: once both are undone, each has what they had, in whatever sequence."""

from itertools import permutations

import pytest
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.imports.actions import request_undo
from customers.ingest import ingest_orders
from customers.merging import merge_customers, undo_merge
from customers.models import Address, AttributeValue, Customer, CustomerTag, Order, Refund
from customers.tasks import IMPORTS
from tests.customers.imports.test_undo import ANA, BOB, ROW, a_refund, an_order, by_api, imported, undone
from tests.customers.recount import assert_counted_right
from tests.factories.customers import attribute

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
HEAD = "email,tags,attribute.size,attribute.likes,address.home.line1,address.home.city,address.home.country\n"
BEFORE = {
    "ana": "ana@example.com,old,1,Tea,1 Hill,Leeds,GB\n",
    "bea": "bea@example.com,,2,Milk,,,\n",
}
AFTER = {
    "ana": "ana@example.com,new,7,Coffee,2 Hill,Leeds,GB\n",
    "bea": "bea@example.com,new,8,Coffee,3 Hill,York,GB\n",
}


@pytest.fixture
def shop(bring):
    made = bring("email,name\nana@example.com,Ana\nbea@example.com,Bea\n", said={"kind": "customers"})
    attribute(made.shop, "size")
    attribute(made.shop, "likes", "choices", choices=["Tea", "Milk", "Coffee"])
    return made.shop


def whose(shop):
    """By names what each has of tags, attributes and addresses."""
    with shop_scope(shop):
        values = AttributeValue.objects.values_list("customer__name", "number_value", "choice__label")
        found = {(name, number or choice) for name, number, choice in values}
        found |= set(CustomerTag.objects.values_list("customer__name", "tag__name"))
        return found | set(Address.objects.values_list("customer__name", "line1"))


def written(bring, text):
    policies = dict.fromkeys(("attribute.size", "attribute.likes"), "overwrite")
    return bring(HEAD + text, policies=policies)


def joined(shop, source, target):
    with shop_scope(shop):
        pair = [Customer.objects.get(name=name) for name in (source, target)]
        return merge_customers(*pair, by=None, now=timezone.now())


def parted(shop, merge):
    with shop_scope(shop):
        undo_merge(merge, by=None, now=timezone.now())


def taken_back(shop, made):
    with shop_scope(shop):
        request_undo(made.job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)


@pytest.mark.parametrize("before", [[], ["ana", "bea"]], ids="+".join)
@pytest.mark.parametrize("after", [["ana"], ["bea"], ["ana", "bea"]], ids="+".join)
@pytest.mark.parametrize("pair", [("Ana", "Bea"), ("Bea", "Ana")], ids="→".join)
@pytest.mark.parametrize("merge_first", [True, False])
def test_an_import_and_a_merge_of_its_people_leave_nothing(bring, shop, before, after, pair, merge_first):
    if before:
        written(bring, "".join(BEFORE[name] for name in before))
    known = whose(shop)
    made = written(bring, "".join(AFTER[name] for name in after))
    merge = joined(shop, *pair)
    for undo in (lambda: parted(shop, merge), lambda: taken_back(shop, made))[:: 1 if merge_first else -1]:
        undo()
    assert whose(shop) == known


def test_an_order_is_whose_it_was_once_both_imports_that_sent_it_again_are_undone(shop, make_shop):
    for order in permutations(range(2)):
        for changed in (True, False):
            own = make_shop(f"again-{order[0]}-{changed}")
            by_api(own, an_order("1", ANA), an_order("2", BOB))
            row = (
                "1",
                "2026-11-01 12:00",
                "",
                "b@example.com",
                "",
                "",
                "p1",
                "Tea",
                "1",
                "3.00",
                "paid",
                "GBP",
                "",
                "",
            )
            other = (*row[:9], "4.00", *row[10:])
            jobs = [imported(own, [row]), imported(own, [other if changed else row])]
            for place in order:
                undone(own, jobs[place])
            with shop_scope(own):
                assert list(Order.objects.order_by("external_id").values_list("customer__name", "total_minor")) == [
                    ("Ana", 1000), ("Bob", 1000),
                ]  # fmt: skip
            assert_counted_right(own)


def test_a_refund_stays_with_an_order_that_was_sent_again_as_the_other_s(shop, make_shop):
    own = make_shop("refunds")
    by_api(own, an_order("1", ANA, refunds=[]), an_order("2", BOB), refunds=[a_refund("r1", "1", 300)])
    with shop_scope(own):
        ana, bob = (Customer.objects.get(name=name) for name in ("Ana", "Bob"))
        merge = merge_customers(ana, bob, by=None, now=timezone.now())
        ingest_orders([an_order("1", BOB, minor=900)], by=None, now=timezone.now())
        undo_merge(merge, by=None, now=timezone.now())
        assert list(Order.objects.order_by("external_id").values_list("customer__name", flat=True)) == ["Bob", "Bob"]
        assert list(Refund.objects.values_list("customer__name", flat=True)) == ["Bob"]
    assert_counted_right(own)


@pytest.mark.parametrize("pair", [("Ana", "Bob"), ("Bob", "Ana")], ids="→".join)
@pytest.mark.parametrize("merge_first", [True, False])
def test_an_order_that_a_file_gave_to_the_other_is_whose_it_was(make_shop, pair, merge_first):
    own = make_shop("given")
    by_api(own, an_order("1", ANA), an_order("2", BOB), refunds=[a_refund("r1", "1", 300)])
    job = imported(own, [("1", "2026-11-01 12:00", "", "b@example.com", "", "", "p1", "Tea", "1", "3.00", *ROW[10:])])
    merge = joined(own, *pair)
    for undo in (lambda: parted(own, merge), lambda: undone(own, job))[:: 1 if merge_first else -1]:
        undo()
    with shop_scope(own):
        assert list(Order.objects.order_by("external_id").values_list("customer__name", flat=True)) == ["Ana", "Bob"]
        assert list(Refund.objects.values_list("customer__name", flat=True)) == ["Ana"]
    assert_counted_right(own)
