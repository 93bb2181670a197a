"""Who is left out of scores, by whichever door, and what becomes of what was known of them."""

import pytest
from django.db.models import F

from crm.tenancy.scope import shop_scope
from customers.consent.wishes import Wishes, wish
from customers.merging import merge_customers, undo_merge
from customers.models import Customer, MergeChange
from customers.profile import WhyNot, are_left_out, change_kind, left_out, why_not
from customers.signals import customers_left_out
from customers.upserts import Details, change_customer, upsert_customers
from tests.factories.customers import customer
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """The ids that the apps above were told of, one list for each time."""
    heard = []

    def hear(ids, **kwargs):
        heard.append(ids)

    customers_left_out.connect(hear, sender=Customer)
    yield heard
    customers_left_out.disconnect(hear, sender=Customer)


def out(shop):
    with shop_scope(shop):
        return sorted(Customer.objects.filter(pk__in=left_out()).values_list("name", flat=True))


def change(customer, **fields):
    with shop_scope(customer.shop_id):
        row = Customer.objects.get(pk=customer.pk)
        return change_customer(row, Details(**fields), by=None, now=NOW)


def test_each_reason_alone_and_nobody_of_another_shop(shop, other_shop):
    for name, fields in {
        "minor": {"is_minor": True},
        "not": {"do_not_profile": True},
        "press": {"kind": "press"},
    }.items():
        customer(shop, name, **fields)
        customer(other_shop, f"other {name}", **fields)
    for name, fields in {"plain": {}, "wholesale": {"kind": "wholesale"}, "gone": {"kind": "no_more"}}.items():
        customer(shop, name, **fields)
    wished = customer(shop, "wish")
    with shop_scope(shop):
        wish(wished, Wishes(less_often=True, not_personalised=True), now=NOW)
        wish(customer(shop, "seldom"), Wishes(less_often=True), now=NOW)
    assert out(shop) == ["minor", "not", "press", "wish"]
    with shop_scope(shop):
        why = {each.name: why_not(each) for each in Customer.objects.all()}
    assert why == {
        "minor": [WhyNot.MINOR],
        "not": [WhyNot.DO_NOT_PROFILE],
        "press": [WhyNot.KIND],
        "plain": [],
        "wholesale": [],
        "gone": [],
        "wish": [WhyNot.OWN_WISH],
        "seldom": [],
    }


@pytest.mark.parametrize("fields", [{"is_minor": True}, {"do_not_profile": True}, {"kind": "press"}])
def test_apps_are_told_at_once_and_once(shop, ana, told, fields):
    assert change(ana, **fields)
    assert told == [[ana.pk]]
    assert not change(ana, **fields)
    assert change(ana, name="Anna")
    assert told == [[ana.pk]]


def test_what_leaves_nobody_out_tells_nobody(shop, ana, told):
    change(ana, kind="wholesale", is_minor=False, language="en")
    with shop_scope(shop):
        wish(ana, Wishes(less_often=True), now=NOW)
    assert told == []


def test_a_batch_tells_of_those_it_leaves_out(shop, ana, told):
    batch = [Details("c1", is_minor=True), Details("c2", name="Bo", kind="wholesale"), Details("c3", kind="press")]
    with shop_scope(shop):
        upsert_customers(batch, by=None, now=NOW)
        new = Customer.objects.get(kind="press")
    assert told == [[ana.pk, new.pk]]


def test_their_own_wish_counts_at_once(shop, ana, told):
    with shop_scope(shop):
        wish(ana, Wishes(not_personalised=True), now=NOW)
        assert are_left_out([ana.pk]) == [ana.pk]
        wish(ana, Wishes(not_personalised=True), now=NOW)
        wish(ana, Wishes(), now=NOW)
        assert are_left_out([ana.pk]) == []
    assert told == [[ana.pk]]


def test_a_kind_that_is_not_scored_any_more_takes_all_who_are_of_it(shop, told):
    wholesale = [customer(shop, name, kind="wholesale").pk for name in ("Wei", "Xu")]
    customer(shop, "Plain")
    with shop_scope(shop):
        change_kind("wholesale", is_scored=False, by=None, now=NOW)
        assert told == [wholesale]
        change_kind("wholesale", is_scored=True, by=None, now=NOW)
        assert are_left_out(wholesale) == []
    assert told == [wholesale]


@pytest.mark.parametrize("flag", ["is_minor", "do_not_profile"])
@pytest.mark.parametrize("whose", ["source", "target"])
def test_who_is_out_of_one_record_is_out_of_both_until_it_is_undone(shop, told, flag, whose):
    source, target = customer(shop, "Source", **{flag: whose == "source"}), customer(shop, "Target")
    with shop_scope(shop):
        if whose == "target":
            Customer.objects.filter(pk=target.pk).update(**{flag: True})
        merge = merge_customers(source, target, by=None, now=NOW)
        assert getattr(Customer.objects.get(), flag)
        assert told == [[target.pk]]
        undo_merge(merge, by=None, now=NOW)
        found = {each.name: getattr(each, flag) for each in Customer.objects.all()}
    assert found == {"Source": whose == "source", "Target": whose == "target"}


def test_a_merge_fills_what_is_not_said_and_an_undo_gives_it_back(shop):
    said = {"birthday": "1990-05-17", "language": "en", "time_zone": "UTC", "company": "Tea", "kind": "wholesale"}
    source, target = customer(shop, "Source", **said), customer(shop, "Target", company="Coffee")
    with shop_scope(shop):
        merge = merge_customers(source, target, by=None, now=NOW)
        (one,) = Customer.objects.values(*said)
        assert one == said | {"company": "Coffee"}
        undo_merge(merge, by=None, now=NOW)
        target, source = (Customer.objects.values(*said).get(name=name) for name in ("Target", "Source"))
    assert source == said
    assert target == dict.fromkeys(said, "") | {"company": "Coffee"}


def test_a_merge_of_before_is_undone_with_the_defaults(shop):
    source, target = customer(shop, "Source"), customer(shop, "Target")
    new = ("birthday", "language", "time_zone", "company", "kind", "is_minor", "do_not_profile", "birth_month")
    with shop_scope(shop):
        merge = merge_customers(source, target, by=None, now=NOW)
        kept = MergeChange.objects.get(merge=merge, name="customer")
        kept.before = {name: value for name, value in kept.before.items() if name not in new}
        kept.save()
        undo_merge(merge, by=None, now=NOW)
        assert Customer.objects.filter(name="Source", kind="", is_minor=False, birthday="").count() == 1
        assert Customer.objects.exclude(kind=F("kind")).count() == 0
