"""Who is who: one rule for every way in. The table is docs/identity.md."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.tenancy.scope import shop_scope
from customers.domain.identity import match_value, normalise_email
from customers.ingest import CustomerIn, LineIn, OrderIn, ingest_orders
from customers.models import Customer, DuplicatePair, Identifier
from customers.models.identifier_kinds import IDENTIFIER_KINDS
from customers.upserts import Details, IdentifierTaken, change_customer, upsert_customers

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


def ingest(*people, source=""):
    """An order of each of these; the ids of their customers."""
    orders = [
        OrderIn(
            f"{source}{'-'.join(who[:3])}-{place}", NOW, NOW.date(), "GBP", customer=who,
            lines=[LineIn("tea", "Tea", 1, 100, 0, 100, True)],
        )
        for place, who in enumerate(people)
    ]  # fmt: skip
    outcomes, _ = ingest_orders(orders, by=None, now=NOW, source=source)
    return list(Customer.objects.filter(orders__pk__in=[each.id for each in outcomes]).order_by("orders__pk"))


@pytest.fixture
def scope(shop):
    with shop_scope(shop):
        yield shop


@pytest.mark.parametrize(
    ("address", "matched"),
    [
        ("Ana.B+news@GMail.com", "anab@gmail.com"),
        ("ana.b@googlemail.com", "anab@gmail.com"),
        ("ａｎａ＠ｇｍａｉｌ.com", "ana@gmail.com"),
        ("ana.b+news@example.com", "ana.b+news@example.com"),
        ("+news@gmail.com", "+news@gmail.com"),
        ("ana@xn--bcher-kva.example", "ana@bücher.example"),
    ],
)
def test_addresses_are_matched_as_their_provider_reads_them(address, matched):
    assert match_value("email", normalise_email(address).value) == matched


@pytest.mark.django_db
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    local=st.text("ab.+", min_size=1, max_size=8),
    domain=st.sampled_from(["gmail.com", "googlemail.com", "x.de"]),
    kind=st.sampled_from(["email", "external"]),
)
def test_database_and_staging_tables_match_as_python_does(scope, local, domain, kind):
    value = f"{local}@{domain}"
    with transaction.atomic(), connections["default"].cursor() as cursor:
        customer = Customer.objects.create(shop=scope)
        row = Identifier.objects.create(shop=scope, customer=customer, kind=kind, value=value)
        row.refresh_from_db()
        ingest()  # makes the staging tables
        cursor.execute("INSERT INTO staged_identifier VALUES (%s, %s, 1) RETURNING match_value", [kind, value])
        (staged,) = cursor.fetchone()
        cursor.execute("INSERT INTO staged_key VALUES ('', %s, '') RETURNING email_match", [value])
        (key,) = cursor.fetchone()
        transaction.set_rollback(True)
    assert (row.match_value, staged) == (match_value(kind, value),) * 2
    assert key == match_value("email", value)


@pytest.mark.django_db
def test_one_person_by_any_writing_of_their_address(scope):
    first, second = ingest(CustomerIn(email="ana.b@gmail.com"), CustomerIn(email="anab+tea@googlemail.com"))
    (third,) = ingest(CustomerIn(email="an.ab@gmail.com"))
    assert first == second == third
    assert list(Identifier.objects.values_list("value", flat=True)) == ["ana.b@gmail.com"]
    assert upsert_customers([Details("7", email="a.nab@gmail.com")], by=None, now=NOW)[0].id == first.pk
    other = Customer.objects.create(shop=scope)
    with pytest.raises(IdentifierTaken):
        change_customer(other, Details(email="anab@gmail.com"), by=None, now=NOW)


@pytest.mark.django_db
def test_two_storefronts_may_both_have_a_customer_17(scope):
    (own,) = ingest(CustomerIn("17", name="Ana"))
    (theirs,) = ingest(CustomerIn("17", name="Bob"), source="market")
    assert own != theirs
    assert ingest(CustomerIn("17")) == [own]
    assert upsert_customers([Details("17")], by=None, now=NOW, source="market")[0].id == theirs.pk
    assert sorted(Identifier.objects.values_list("source", "value", "customer_id")) == [
        ("", "17", own.pk),
        ("market", "17", theirs.pk),
    ]


@pytest.mark.django_db
def test_number_of_another_storefront_joins_by_the_address(scope):
    """Within one storefront two numbers are two people; each of two storefronts gives a person one of its own."""
    (own,) = ingest(CustomerIn("17", "ana@example.com"))
    assert ingest(CustomerIn("m-3", "ana@example.com"), source="market") == [own]
    (new,) = ingest(CustomerIn("18", "ana@example.com"))
    assert new != own


@pytest.mark.django_db
def test_two_known_people_in_one_order_are_put_up_for_review(scope):
    ana, bob = ingest(CustomerIn("1", "ana@example.com"), CustomerIn("2", "bob@example.com", "+447911123456"))
    assert not DuplicatePair.objects.exists()
    assert ingest(CustomerIn("1", "bob@example.com", "+447911123456")) == [ana]
    (pair,) = DuplicatePair.objects.all()
    assert ([pair.first, pair.second], pair.state) == (sorted([ana, bob], key=lambda who: who.pk), "open")
    assert pair.evidence == [{"kind": "email"}, {"kind": "phone"}]
    pair.state = DuplicatePair.State.SKIPPED
    pair.save(update_fields=["state"])
    ingest(CustomerIn("1", "bob@example.com"))
    assert list(DuplicatePair.objects.values_list("state", flat=True)) == ["skipped"]


@pytest.mark.django_db
def test_two_new_people_of_one_batch_are_put_up_for_review(scope):
    """Who came first has the address; the list still knows that both gave it."""
    phone = "+447911123456"
    ana, again = ingest(CustomerIn("1", "ana@example.com", phone), CustomerIn("2", "ana@example.com", phone))
    (pair,) = DuplicatePair.objects.all()
    assert {pair.first, pair.second} == {ana, again}
    assert pair.evidence == [{"kind": "email"}, {"kind": "phone"}]


@pytest.mark.django_db
def test_mailbox_that_many_share_fills_no_list(scope):
    """Nor is it one person: each has a number of their own."""
    ingest(CustomerIn("0", "office@example.com"))
    people = ingest(*(CustomerIn(str(number), "office@example.com") for number in range(1, 30)))
    assert len({person.pk for person in people}) == 29
    assert DuplicatePair.objects.count() == 3
    for number in range(30, 40):
        upsert_customers([Details(str(number), email="office@example.com")], by=None, now=NOW)
    assert DuplicatePair.objects.count() == 5


@pytest.mark.django_db
def test_conflicts_of_the_customers_api_and_of_orders_are_the_same(scope):
    for number, write in enumerate((lambda *who: ingest(CustomerIn(*who)), _upsert)):
        DuplicatePair.objects.all().delete()
        write(f"a{number}", f"ana{number}@example.com")
        write(f"b{number}", f"bob{number}@example.com")
        write(f"a{number}", f"bob{number}@example.com")
        assert [pair.evidence for pair in DuplicatePair.objects.all()] == [[{"kind": "email"}]]


def _upsert(external_id, email):
    upsert_customers([Details(external_id, email=email)], by=None, now=NOW)


@pytest.mark.django_db
def test_identifier_is_one_persons_in_its_shop_and_source(scope):
    customer = Customer.objects.create(shop=scope)
    for source in ("", "app-1"):
        Identifier.objects.create(shop=scope, customer=customer, kind="wechat_openid", source=source, value="o-1")
    with pytest.raises(IntegrityError, match="identifier_match"), transaction.atomic():
        Identifier.objects.create(shop=scope, customer=customer, kind="wechat_openid", value="o-1")


def test_every_kind_normalises_and_fits_its_column():
    assert [kind.name for kind in IDENTIFIER_KINDS] == [
        "external", "email", "phone", "wechat_openid", "wechat_unionid", "device",
    ]  # fmt: skip
    assert IDENTIFIER_KINDS["phone"].normalise("１３８ ０013 8000", "CN").value == "+8613800138000"
    assert IDENTIFIER_KINDS["wechat_openid"].normalise(" oAbC ", "").value == "oAbC"
    assert IDENTIFIER_KINDS["device"].normalise("a\x00b", "").problem == "control_character"
    assert IDENTIFIER_KINDS["device"].normalise("a" * 201, "").problem == "too_long"
