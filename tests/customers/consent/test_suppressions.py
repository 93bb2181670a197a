"""Suppressed addresses: known again by a keyed hash, of one shop alone, also after their owner was erased."""

import hashlib
import hmac

import pytest
from django.db import connections

from crm.shops.models import AuditEntry
from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import shop_scope
from customers.consent.actions import add_suppressions, lift_suppressions, suppress
from customers.consent.hashing import address_hash, pads
from customers.consent.queries import may_contact
from customers.ingest import CustomerIn, ingest_orders
from customers.models import Consent, ConsentEvent, Customer, Suppression
from customers.personal_data import erase_personal_data, move_personal_data, personal_data_of
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db


def rows(shop):
    with shop_scope(shop):
        return [(row.kind, bytes(row.address_hash), row.reason) for row in Suppression.objects.order_by("pk")]


def test_the_hash_is_an_hmac_under_a_key_of_the_installation_and_the_shop(settings):
    settings.SECRET_KEY = "one secret of this test, as long as they have to be"
    key = hmac.new(settings.SECRET_KEY.encode(), b"customers.suppression:7", hashlib.sha256).digest()
    expected = hmac.new(key, b"email:ana@example.com", hashlib.sha256).digest()
    assert address_hash(7, "email", "ana@example.com") == expected
    others = [address_hash(8, "email", "ana@example.com"), address_hash(7, "phone", "ana@example.com")]
    settings.SECRET_KEY = "another secret of this test, as long as they have to be"
    others.append(address_hash(7, "email", "ana@example.com"))
    assert len({expected, *others}) == 4


@pytest.mark.parametrize("address", ["ana@example.com", "王@例子.中国", "x" * 300])
def test_the_database_makes_the_same_hash(shop, address):
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT sha256(%(outer)s::bytea || sha256(%(inner)s::bytea || convert_to('email:' || %(it)s, 'UTF8')))",
            pads(shop.pk) | {"it": address},
        )
        assert bytes(cursor.fetchone()[0]) == address_hash(shop.pk, "email", address)


def test_a_set_of_addresses_is_added_once(shop, other_shop, owner):
    ana, bo = ("email", "ana@example.com"), ("phone", "+8613800138000")
    with shop_scope(shop):
        assert add_suppressions([ana, bo, ana], "block_list", by=owner, now=NOW) == 2
        assert add_suppressions([bo], "block_list", by=owner, now=NOW) == 0
        assert add_suppressions([bo], "complaint", by=owner, now=NOW) == 1
        assert add_suppressions([], "complaint", by=owner, now=NOW) == 0
        found = AuditEntry.objects.filter(action="suppressions.added").order_by("seq").values_list("details", flat=True)
        assert list(found) == [
            {"addresses": 2, "reason": "block_list"},
            {"addresses": 1, "reason": "complaint"},
        ]
    assert sorted(rows(shop)) == sorted(
        [
            ("email", address_hash(shop.pk, *ana), "block_list"),
            ("phone", address_hash(shop.pk, *bo), "block_list"),
            ("phone", address_hash(shop.pk, *bo), "complaint"),
        ]
    )
    assert rows(other_shop) == []


def test_lifting_one_reason_leaves_the_other(shop, owner):
    with shop_scope(shop):
        for reason in ("block_list", "complaint"):
            suppress([("email", "ana@example.com")], reason, now=NOW)
        assert lift_suppressions(list(Suppression.objects.filter(reason="complaint")), by=owner) == 1
        assert lift_suppressions([], by=owner) == 0
        entry = AuditEntry.objects.get(action="suppressions.lifted")
        assert entry.details == {"addresses": 1, "reason": ["complaint"]}
    assert [reason for *_, reason in rows(shop)] == ["block_list"]


@pytest.fixture
def ana(shop):
    made = customers.customer(shop, "Ana", email="ana@example.com", phone="+8613800138000", number="17")
    customers.consent(shop, made, source="ana's phone", ip="192.0.2.7", evidence="said ana@example.com")
    return made


def test_an_erased_person_is_not_written_to_when_a_file_brings_them_back(shop, other_shop, ana):
    with shop_scope(shop), contacts_hidden(True):  # the hash of a masked address would be nobody's
        erase_personal_data(ana, now=NOW)
    assert sorted(rows(shop)) == sorted(
        [
            ("email", address_hash(shop.pk, "email", "ana@example.com"), "erased"),
            ("phone", address_hash(shop.pk, "phone", "+8613800138000"), "erased"),
        ]
    )
    with shop_scope(shop):
        order = customers.order_in(customer=CustomerIn(email="ana@example.com"))
        ingest_orders([order], by=None, now=NOW)
        again = Customer.objects.get(identifiers__value="ana@example.com")
    customers.consent(shop, again)
    with shop_scope(shop):
        for purpose in ("marketing", "service"):
            assert may_contact(again, "email", purpose, NOW).reason == "erased"
    assert rows(other_shop) == []


def test_what_stays_of_an_erased_person_s_consent_names_nobody(shop, ana):
    with shop_scope(shop):
        erase_personal_data(ana, now=NOW)
        assert not Consent.objects.exists()
        kept = ConsentEvent.objects.values("customer", "channel", "purpose", "state", "at", "source", "ip", "evidence")
        assert kept.get() == {
            "customer": None,
            "channel": "email",
            "purpose": "marketing",
            "state": "granted",
            "at": NOW,
            "source": "",
            "ip": None,
            "evidence": "",
        }


def test_a_person_is_told_why_their_addresses_are_suppressed(shop, ana):
    with shop_scope(shop):
        suppress([("email", "ana@example.com"), ("email", "bo@example.com")], "complaint", now=NOW)
        assert personal_data_of(ana)["suppressions"] == [
            {"kind": "email", "reason": "complaint", "created_at": NOW.isoformat()}
        ]


@pytest.mark.parametrize(
    ("one", "other", "counts", "events"),
    [
        ("granted", "granted", "granted", 2),
        ("granted", "withdrawn", "withdrawn", 2),
        ("withdrawn", "granted", "withdrawn", 3),  # the grant is later, so it takes one more to say so
        ("granted", None, "pending", 2),
        (None, "withdrawn", "withdrawn", 1),
        ("pending", "granted", "pending", 3),
    ],
)
def test_two_records_made_one_keep_the_strictest(shop, one, other, counts, events):
    source, target = customers.customer(shop, "A"), customers.customer(shop, "B")
    for customer, state, day in ((source, one, 1), (target, other, 2)):
        if state:
            customers.consent(shop, customer, state=state, at=NOW.replace(day=day))
    with shop_scope(shop):
        move_personal_data(source, target, now=NOW)
        assert list(Consent.objects.values_list("customer", "state")) == [(target.pk, counts)]
        assert set(ConsentEvent.objects.values_list("customer", flat=True)) == {target.pk}
        assert ConsentEvent.objects.count() == events
        from customers.consent.recording import differences

        assert differences()[1] == []


def test_the_joined_person_can_grant_it_again_and_the_two_can_be_taken_apart(shop):
    from django.utils.timezone import now

    from customers.consent.recording import MERGE, refold

    source, target = customers.customer(shop, "A"), customers.customer(shop, "B")
    customers.consent(shop, source, state="withdrawn", at=NOW.replace(day=1))
    customers.consent(shop, target, state="granted", at=NOW.replace(day=2))
    with shop_scope(shop):
        (theirs,) = ConsentEvent.objects.filter(customer=source)
        move_personal_data(source, target, now=NOW)
        ConsentEvent.objects.filter(source=MERGE).update(customer=None)
        ConsentEvent.objects.filter(pk=theirs.pk).update(customer=source)
        refold([source.pk, target.pk])
        states = dict(Consent.objects.values_list("customer", "state"))
        assert states == {source.pk: "withdrawn", target.pk: "granted"}
        move_personal_data(source, target, now=NOW)
    customers.consent(shop, target, at=now())
    with shop_scope(shop):
        assert Consent.objects.get().state == "granted"
