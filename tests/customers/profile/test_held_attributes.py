"""What staff have said of an attribute stays, whatever storefronts say; and held values go where their record goes."""

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.actions import describe_customer, release_field
from customers.merging import merge_customers, undo_merge
from customers.models import AttributeDefinition, AttributeValue
from customers.provenance import values_of_profile
from customers.upserts import Details, change_customer
from tests.customers.profile.test_provenance import again
from tests.factories.customers import attribute, customer, give

pytestmark = pytest.mark.django_db


def values(person):
    """Of each attribute: its values, and whether staff hold it."""
    rows = AttributeValue.objects.filter(customer=person).select_related("definition", "choice").order_by("item")
    said = {}
    for row in rows:
        shown, is_held = said.setdefault(row.definition.key, ([], []))
        shown.append(row.choice.label if row.choice else row.number_value)
        is_held.append(row.is_held)
    return {name: (shown, any(is_held)) for name, (shown, is_held) in said.items()}


def test_a_storefront_changes_what_it_said_and_not_what_staff_say(shop, owner, key):
    attribute(shop, "size")
    attribute(shop, "likes", "choices", choices=["Tea", "Pots"])
    ana = customer(shop, "Ana")
    give(ana, by=key, size=3, likes=["Tea"])
    with shop_scope(shop):
        assert values(ana) == {"size": ([3], False), "likes": (["Tea"], False)}
    assert give(ana, by=key, size=4)
    assert give(ana, by=owner, size=5, likes=["Pots"])
    assert give(ana, by=key, size=6, likes=["Tea", "Pots"]) == []
    assert give(ana, by=key, size=None) == []
    with shop_scope(shop):
        assert values(ana) == {"size": ([5], True), "likes": (["Pots"], True)}
    assert give(ana, by=owner, size=7)
    with shop_scope(shop):
        assert values(ana)["size"] == ([7], True)


def test_a_file_changes_it_only_where_it_is_to_overwrite(shop, owner, bring_into):
    attribute(shop, "size")
    ana = customer(shop, "Ana", number="c1")
    give(ana, by=owner, size=5)
    text = "customer_id,attribute.size\nc1,8\n"
    bring_into(shop, text, by=owner)
    with shop_scope(shop):
        assert values(ana) == {"size": ([5], True)}
    bring_into(shop, text, by=owner, **{"attribute.size": "overwrite"})
    with shop_scope(shop):
        assert values(ana) == {"size": ([8], True)}


def test_it_is_told_and_let_go(shop, owner, key, browser):
    attribute(shop, "size")
    ana = customer(shop, "Ana")
    give(ana, by=owner, size=5)
    page = reverse("customers:provenance", args=[shop.slug, ana.pk])
    with shop_scope(shop):
        assert [(each.field, each.is_held) for each in values_of_profile(again(ana))][-1] == ("attribute.size", True)
    assert "Let the storefront say it again" in browser.get(page, {"field": "attribute.size"}).text
    browser.post(reverse("customers:release", args=[shop.slug, ana.pk]), {"release": "attribute.size"})
    with shop_scope(shop):
        assert not release_field(again(ana), "attribute.size", by=owner)
        assert not release_field(again(ana), "attribute.none", by=owner)
        released = AuditEntry.objects.get(action="customer.released")
        assert released.details == {"fields": ["attribute.size"]}
    assert give(ana, by=key, size=6)
    with shop_scope(shop):
        assert values(ana) == {"size": ([6], False)}


WORDS = st.sampled_from(["", "Bath", "Leeds"])
SIZES = st.sampled_from([None, 1, 2])
PERSON = st.fixed_dictionaries({"city": WORDS, "size": SIZES, "by_staff": st.booleans()})


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.tuples(PERSON, PERSON, PERSON), sent=st.tuples(WORDS, SIZES), order=st.booleans())
def test_a_chain_of_merges_loses_nothing_held_and_its_undo_gives_it_back(
    shop,
    owner,
    key,
    people,
    sent,
    order,
):
    """Three become one by two merges, the storefront goes on talking, and both are undone in either order."""
    with shop_scope(shop):
        if not AttributeDefinition.objects.exists():
            attribute(shop, "size")
    made = [customer(shop, f"P{n}") for n in range(3)]
    for person, said in zip(made, people, strict=True):
        by = owner if said["by_staff"] else key
        give(person, by=by, now=timezone.now(), size=said["size"])
        with shop_scope(shop):
            if said["by_staff"]:
                describe_customer(again(person), city=said["city"], by=owner, now=timezone.now())
            else:
                change_customer(again(person), Details(city=said["city"]), by=key, now=timezone.now())

    def known():
        return [(again(person).city, again(person).held, values(person)) for person in made]

    with shop_scope(shop):
        before = known()
        into = made[0]
        merges = [merge_customers(again(each), again(into), by=owner, now=timezone.now()) for each in made[1:]]
        joined = (again(into).city, again(into).held, values(into))
        if any("city" in held and city for city, held, _ in before):
            assert "city" in joined[1]
            assert joined[0] in [city for city, held, _ in before if "city" in held]
        if before[0][2].get("size", ([], False))[1]:
            assert joined[2]["size"] == before[0][2]["size"]
        is_held = "city" in joined[1], joined[2].get("size", ([], False))[1]
        change_customer(again(into), Details(city=sent[0]), by=key, now=timezone.now())
    give(into, by=key, now=timezone.now(), size=sent[1])
    with shop_scope(shop):
        if is_held[0]:
            assert again(into).city == joined[0]
        if is_held[1]:
            assert values(into) == joined[2]
        for merge in merges if order else reversed(merges):
            undo_merge(merge, by=owner, now=timezone.now())
        for (city, held, own), (city_now, held_now, own_now) in zip(before, known(), strict=True):
            assert held_now == held
            assert city_now == city or "city" not in held
            if own.get("size", ([], False))[1]:
                assert own_now == own
