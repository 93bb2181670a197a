"""Kinds of relations: the six that every shop has, and those of its own."""

import pytest

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.domain.attributes import BadValue
from customers.domain.kinds import MAX_KINDS
from customers.models import CustomerKind
from customers.profile import KindRefused, change_kind, create_kind, holders, kinds, kinds_not_scored
from tests.factories.customers import customer
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db
FIRST = ["customer", "wholesale", "partner", "investor", "supplier", "press"]


def keys(shop, *, current=True):
    with shop_scope(shop):
        return [kind.key for kind in (kinds().current if current else kinds().all)]


def made(shop, key="influencer", label="Influencer", **fields):
    with shop_scope(shop):
        return create_kind(key=key, label=label, by=None, now=NOW, **fields)


def changed(shop, key, **fields):
    with shop_scope(shop):
        return change_kind(key, by=None, now=NOW, **fields)


def refused(what, *args, **fields):
    with pytest.raises(KindRefused) as bad:
        what(*args, **fields)
    return bad.value.field, bad.value.code


def test_a_shop_without_rows_has_the_six(shop):
    assert keys(shop) == FIRST
    with shop_scope(shop):
        assert not CustomerKind.objects.exists()
        assert [kind.label for kind in kinds().all][:2] == ["Customer", "Wholesale"]
        assert kinds_not_scored() == ["investor", "press", "supplier"]


def test_a_shop_adds_its_own_and_another_does_not_see_it(shop, other_shop, owner):
    with shop_scope(shop):
        kind = create_kind(key="influencer", label=" Influ  encer ", is_scored=False, by=owner, now=NOW)
        entry = AuditEntry.objects.get(action="customer_kind.created")
    assert (kind.label, kind.position, kind.is_scored) == ("Influ encer", 70, False)
    assert (entry.actor_id, entry.details) == (owner.pk, {"key": "influencer"})
    assert keys(shop) == [*FIRST, "influencer"]
    assert keys(other_shop) == FIRST
    with shop_scope(shop):
        assert kinds_not_scored() == ["influencer", "investor", "press", "supplier"]


def test_one_of_the_six_is_changed_and_keeps_its_name_in_every_language(shop):
    assert changed(shop, "press", is_scored=True) == ["is_scored"]
    assert changed(shop, "press", is_scored=True) == []
    with shop_scope(shop):
        assert kinds_not_scored() == ["investor", "supplier"]
        assert CustomerKind.objects.get().label == ""
        assert kinds().by_key["press"].label == "Press"
    assert changed(shop, "press", label="Media", position=5) == ["label", "position"]
    assert keys(shop)[0] == "press"


def test_an_archived_kind_stays_with_those_who_have_it(shop):
    customer(shop, "Wei", kind="press")
    assert changed(shop, "press", archived=True) == ["archived_at"]
    assert "press" not in keys(shop)
    assert "press" in keys(shop, current=False)
    with shop_scope(shop):
        assert holders("press") == 1
        assert kinds().label_of("press") == "Press"
        assert kinds().names["press"] == "press"
        with pytest.raises(BadValue, match="unknown_kind"):
            kinds().read("press")
    assert changed(shop, "press", archived=False) == ["archived_at"]
    assert keys(shop) == FIRST


def test_plain_customers_are_needed(shop):
    assert refused(changed, shop, "customer", archived=True) == ("archived", "kind_needed")
    assert refused(changed, shop, "customer", is_scored=False) == ("is_scored", "kind_needed")
    assert changed(shop, "customer", label="Buyer") == ["label"]


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"key": "Press!"}, ("key", "invalid_key")), ({"key": "press"}, ("key", "key_taken")),
        ({"key": "../x"}, ("key", "invalid_key")), ({"key": "x" * 41}, ("key", "invalid_key")),
        ({"label": "x" * 10_000}, ("label", "too_long")), ({"label": " "}, ("label", "too_short")),
        ({"label": "a\x00"}, ("label", "control_character")), ({"position": -1}, ("position", "out_of_range")),
        ({"position": 2**31}, ("position", "out_of_range")),
    ],
)  # fmt: skip
def test_what_no_kind_can_be(shop, fields, answer):
    assert refused(made, shop, **fields) == answer
    assert keys(shop) == FIRST


def test_ten_thousand_kinds_are_refused(shop):
    with shop_scope(shop):
        CustomerKind.objects.bulk_create(
            CustomerKind(shop=shop, key=f"k{n}", label=f"K{n}") for n in range(MAX_KINDS - len(FIRST))
        )
    assert refused(made, shop) == ("key", "too_many_kinds")


def test_a_kind_is_read_by_key_and_by_what_it_is_called(shop):
    made(shop, label="Ｉｎｆｌｕencer")
    with shop_scope(shop):
        known = kinds()
        assert {known.read(text) for text in ("press", "PRESS", " Press ")} == {"press"}
        assert {known.read(text) for text in ("Customer", "customer", "")} == {""}
        assert known.read("influencer") == known.read("Influencer") == "influencer"
        for text in ("journalist", "x" * 10_000, "\x00"):
            with pytest.raises(BadValue, match="unknown_kind"):
                known.read(text)
