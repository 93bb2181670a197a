"""What is known of a person, given out, erased and moved: on real rows, beside people who look alike."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import count

import numpy as np
import pytest
from django.db import connections, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.lib.money import average_order
from crm.shops.audit.chain import verify_chain
from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import shop_scope
from customers.actions import add_note, describe_customer, reveal_contacts
from customers.addresses import add_address
from customers.attributes import change_attributes, create_definition, definitions_for_writing, read_json
from customers.consent.actions import suppress
from customers.consent.recording import ConsentIn, append
from customers.consent.wishes import Wishes, wish
from customers.domain.addresses import AddressIn
from customers.finding import find
from customers.ingest import (
    CustomerIn,
    Engine,
    LineIn,
    OrderIn,
    RefundIn,
    RefundLineIn,
    ingest_orders,
    refresh_sales_days,
)
from customers.models import (
    AttributeValue,
    ConsentText,
    Customer,
    CustomerTag,
    ExportJob,
    Identifier,
    ImportChange,
    ImportJob,
    Merge,
    MergeChange,
    Note,
    Order,
    OrderLine,
    Refund,
    RefundLine,
    RejectedRow,
    SalesDay,
    SearchDocument,
    Signup,
    SignupForm,
)
from customers.personal_data import (
    PERSONAL_DATA,
    SameCustomer,
    erase_personal_data,
    move_personal_data,
    personal_data_of,
)
from customers.tagging import TagChange, change_tags
from customers.upserts import Details, change_customer
from segmentation.actions import run_scoring, start_run
from segmentation.columns import read_columns
from segmentation.models import CustomerScore, RFMMonth, Stage, StageTransition
from tests.tenancy.catalog import tenant_tables

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
CANARY = "kanarienvogel"
PHONE = "+4915199887766"
numbers = count(1)


def order(who, number, day, *minors, refund=0, currency="GBP", rate=1):
    """An order of one line for each amount; a refund of its first line, if any."""
    at = datetime(2026, *day, 12, tzinfo=UTC)
    lines = [LineIn(f"p{place}", f"Tea {place}", 1, minor, 0, minor, True) for place, minor in enumerate(minors)]
    back = RefundIn(
        f"r-{number}", at + timedelta(days=2), at.date() + timedelta(days=2), currency, refund, number, rate
    )
    back.lines = [RefundLineIn("p0", "Tea 0", 1, refund)]
    return OrderIn(
        number, at, at.date(), currency, rate=rate, customer=who, lines=lines, refunds=[back] if refund else []
    )


class World:
    """A shop with a person of whom everything is known, and a lookalike who shares all that two people can share."""

    def __init__(self, shop, user, canary):
        self.shop, self.user, self.canary = shop, user, canary
        mail = f"{canary}@example.com"
        self.person = CustomerIn(f"{canary}-7", mail, PHONE, f"Anna {canary}", f"{canary}stadt", f"{canary}land")
        self.like = CustomerIn("like-7", "like@example.com", "+4915199887700", "Anna Like", "Likestadt", "Likeland")
        with shop_scope(shop):
            ingest_orders(
                [
                    order(self.person, "n-1", (9, 1), 1000, 250, refund=100),
                    order(self.like, "n-2", (9, 1), 700, refund=50),
                    order(self.person, "n-3", (10, 5), 3000, currency="JPY", rate=2),
                    order(self.like, "n-4", (10, 5), 900),
                ],
                by=None,
                now=NOW,
            )
            self.anna, self.other = (
                Customer.objects.get(identifiers__value=who.external_id) for who in (self.person, self.like)
            )
            for customer, words in ((self.anna, canary), (self.other, "like")):
                change_tags([TagChange(customer.pk, ("vip", "fan"))], by=user, now=NOW)
                add_note(customer, f"{words} called", by=user, now=NOW)
                StageTransition.objects.create(
                    shop=shop, customer=customer, on=date(2026, 10, 1), from_stage=Stage.NEW, to_stage=Stage.ACTIVE,
                    reason="on_time", run_id=1,
                )  # fmt: skip
            create_definition(key="likes", label="Likes", type_="text", by=user, now=NOW)
            for customer, words in ((self.anna, canary), (self.other, "like")):
                change_attributes(customer, read_json({"likes": words}, definitions_for_writing()), by=user, now=NOW)
            for customer, words in ((self.anna, canary), (self.other, "like")):
                add_address(customer, AddressIn("home", words, line1=f"{words} street"), by=user, now=NOW)
                add_address(customer, AddressIn("home", line1="Shared street"), by=user, now=NOW)
            reveal_contacts(self.anna, by=user)
            describe_customer(self.anna, city=f"{canary}dorf", by=user, now=NOW + timedelta(minutes=1))
            said = Details(birthday="1990-05-17", language="de", time_zone="Europe/Berlin", company=f"{canary} KG")
            change_customer(self.anna, said._replace(kind="wholesale"), by=user, now=NOW)
            self._consents()
            self._texts(mail)
            self._journal()
            run_scoring(start_run(shop, as_of=date(2026, 11, 15), now=NOW), now=NOW)
            while refresh_sales_days():
                pass

    def _consents(self):
        text = ConsentText.objects.create(shop=self.shop, version="1", language="en", body="Yes.", created_at=NOW)
        for customer, words in ((self.anna, self.canary), (self.other, "like")):
            said = [
                ConsentIn(customer.pk, "email", "marketing", state, NOW - timedelta(days=days), source=f"{words} form",
                    ip="192.0.2.7", evidence=f"{words} ticked it")
                for state, days in (("granted", 9), ("withdrawn", 3))
            ]  # fmt: skip
            append(said, now=NOW)
            suppress([("email", f"{words}@example.com")], "complaint", now=NOW)
            wish(customer, Wishes(less_often=True), now=NOW)
            form = SignupForm.objects.create(
                shop=self.shop, code=f"form-{customer.pk}", name="Footer", language="en", heading="News",
                purposes=["marketing"], text=text, created_at=NOW,
            )  # fmt: skip
            address = Identifier.objects.filter(kind="email", customer=customer).values_list("value", flat=True)[0]
            Signup.objects.create(
                shop=self.shop, form=form, text=text, purposes=["marketing"], email=address, name=words,
                ip="192.0.2.7", sent_at=NOW, due_at=None,
            )  # fmt: skip

    def _journal(self):
        """What an import found before it changed both."""
        job = ImportJob.objects.create(shop=self.shop, state="done", filename="g.csv", created_at=NOW)
        for customer, name in ((self.anna, f"Ann {self.canary}"), (self.other, "Ann Like")):
            ImportChange.objects.create(
                shop=self.shop, job=job, kind=ImportChange.Kind.CUSTOMER, row_id=customer.pk, customer=customer,
                outcome=ImportChange.Outcome.CHANGED, before={"name": name}, written_at=NOW,
            )  # fmt: skip

        for customer, name in ((self.anna, f"Anja {self.canary}"), (self.other, "Anja Like")):
            merge = Merge.objects.create(
                shop=self.shop, customer=customer, source_id=10**12 + customer.pk, target_id=customer.pk, merged_at=NOW
            )
            MergeChange.objects.create(
                shop=self.shop, merge=merge, name="customer", row_id=merge.source_id, before={"name": name},
                outcome=MergeChange.Outcome.DROPPED,
            )  # fmt: skip

    def _texts(self, mail):
        """What points at nobody, and names the person, or the lookalike."""
        for row_no, (named, digits) in enumerate(((mail.upper(), "0151 998-877 66"), ("like@example.com", "+49 1"))):
            facts = {"header": ["mail"], "rows": [[named]], "size": 7}
            job = ImportJob.objects.create(shop=self.shop, state="done", filename="f.csv", facts=facts, created_at=NOW)
            for raw in (f"{named};x", f"y;{digits}"):
                RejectedRow.objects.create(
                    shop=self.shop, job=job, row_no=row_no, code="bad_date", raw=raw, params={"value": raw}
                )
            ExportJob.objects.create(shop=self.shop, state="done", filters={"q": [named], "tag": ["3"]}, created_at=NOW)


@pytest.fixture
def world(shop, owner):
    return World(shop, owner, CANARY)


@pytest.fixture
def elsewhere(other_shop, make_member):
    """The same person, by the same identifiers, in another shop."""
    return World(other_shop, make_member(other_shop), CANARY)


def known_of(world, *people):
    """All that is known of these people, as JSON has it."""
    with shop_scope(world.shop):
        return [json.loads(json.dumps(personal_data_of(each))) for each in people]


def whole_shop(shop):
    """Every row of every table with a shop, as text, by table."""
    with shop_scope(shop), connections["default"].cursor() as cursor:
        rows = {}
        for table in sorted(tenant_tables(cursor)):
            cursor.execute(f"SELECT {table}::text FROM {table}")
            rows[table] = sorted(text for (text,) in cursor.fetchall())
    return rows


def places_of(shop, canary):
    """The tables with a row that holds the text, or its bytes."""
    found = (canary, canary.encode().hex())
    return [
        table for table, rows in whole_shop(shop).items() if any(word in row.lower() for row in rows for word in found)
    ]


def test_everything_known_of_a_person_is_given_out_and_of_nobody_else(world, elsewhere):
    (found,) = known_of(world, world.anna)

    assert list(found) == [item.name for item in PERSONAL_DATA]
    assert [name for name, rows in found.items() if not rows] == ["duplicate_pairs", "score_columns"]
    assert found["customer"] == [
        {
            "id": world.anna.pk,
            "name": "Anna kanarienvogel",
            "city": "kanarienvogeldorf",
            "country": "kanarienvogelland",
            "birthday": "1990-05-17",
            "language": "de",
            "time_zone": "Europe/Berlin",
            "company": "kanarienvogel KG",
            "kind": "wholesale",
            "is_minor": False,
            "do_not_profile": False,
            "held": ["birthday", "city", "company", "kind", "language", "time_zone"],
            "made_through": "order",
            "order_count": 2,
            "first_order_at": "2026-09-01T12:00:00+00:00",
            "last_order_at": "2026-10-05T12:00:00+00:00",
            "created_at": "2026-11-20T10:00:00+00:00",
            "updated_at": "2026-11-20T10:00:00+00:00",
            "gross": {"amount": "72.50", "currency": "GBP"},
            "refunded": {"amount": "1.00", "currency": "GBP"},
            "net": {"amount": "71.50", "currency": "GBP"},
        }
    ]
    assert sorted((row["kind"], row["value"]) for row in found["identifiers"]) == [
        ("email", "kanarienvogel@example.com"),
        ("external", "kanarienvogel-7"),
        ("phone", PHONE),
    ]
    assert [(row["external_id"], row["total"], row["revenue"]) for row in found["orders"]] == [
        ("n-1", {"amount": "12.50", "currency": "GBP"}, {"amount": "12.50", "currency": "GBP"}),
        ("n-3", {"amount": "3000", "currency": "JPY"}, {"amount": "60.00", "currency": "GBP"}),
    ]
    assert [
        (row["order__external_id"], row["product__name"], row["total"]["amount"]) for row in found["order_lines"]
    ] == [
        ("n-1", "Tea 0", "10.00"),
        ("n-1", "Tea 1", "2.50"),
        ("n-3", "Tea 0", "3000"),
    ]
    assert [(row["external_id"], row["order__external_id"], row["amount"]) for row in found["refunds"]] == [
        ("r-n-1", "n-1", {"amount": "1.00", "currency": "GBP"})
    ]
    assert [(row["refund__external_id"], row["total"]["amount"]) for row in found["refund_lines"]] == [
        ("r-n-1", "1.00")
    ]
    assert [(row["definition__key"], row["text_value"]) for row in found["attributes"]] == [("likes", CANARY)]
    assert [row["tag__name"] for row in found["tags"]] == ["vip", "fan"]
    assert [(row["job__filename"], row["before"]) for row in found["import_changes"]] == [
        ("g.csv", {"name": "Ann kanarienvogel"})
    ]
    assert [(row["body"], row["author__name"]) for row in found["notes"]] == [("kanarienvogel called", world.user.name)]
    assert [(row["state"], row["source"], row["ip"], row["evidence"]) for row in found["consent_events"]] == [
        (state, "kanarienvogel form", "192.0.2.7", "kanarienvogel ticked it") for state in ("granted", "withdrawn")
    ]
    assert [(row["channel"], row["purpose"], row["state"]) for row in found["consents"]] == [
        ("email", "marketing", "withdrawn")
    ]
    assert [(row["kind"], row["reason"]) for row in found["suppressions"]] == [("email", "complaint")]
    assert [row["raw"] for row in found["rejected_rows"]] == ["KANARIENVOGEL@EXAMPLE.COM;x", "y;0151 998-877 66"]
    assert [row["facts"]["rows"] for row in found["imports"]] == [[["KANARIENVOGEL@EXAMPLE.COM"]]]
    assert [row["filters"]["q"] for row in found["exports"]] == [["KANARIENVOGEL@EXAMPLE.COM"]]
    assert [(row["frequency"], row["gross"]["amount"]) for row in found["scores"]] == [(2, "72.50")]
    assert [(row["on"], row["to_stage"]) for row in found["stage_transitions"]] == [("2026-10-01", "active")]
    assert [row["month"] for row in found["rfm_months"]] == ["2026-10-31"]


def test_the_person_is_found_in_these_places_before(world):
    """Else the test that nothing is left would look for what was never there."""
    assert places_of(world.shop, CANARY) == [
        "customers_address",
        "customers_attributevalue",
        "customers_consentevent",
        "customers_customer",
        "customers_exportjob",
        "customers_identifier",
        "customers_importchange",
        "customers_importjob",
        "customers_mergechange",
        "customers_note",
        "customers_rejectedrow",
        "customers_signup",
    ]
    with shop_scope(world.shop):
        assert find(CANARY).ids == [world.anna.pk]
        assert world.anna.pk in read_columns("customers")["customers"]


def test_nothing_of_an_erased_person_is_left_in_the_shop(world):
    with shop_scope(world.shop):
        trigram = SearchDocument.objects.get(customer=world.anna).terms[0]
        erase_personal_data(world.anna, now=NOW)

    assert places_of(world.shop, CANARY) == []
    assert [table for table, rows in whole_shop(world.shop).items() if "99887766" in "".join(rows)] == []
    with shop_scope(world.shop):
        assert not SearchDocument.objects.filter(terms__contains=[trigram, f"{world.shop.pk}:kan"]).exists()
        assert find(CANARY).ids == []
        for model in (AttributeValue, Identifier, Note, CustomerTag, StageTransition, CustomerScore):
            assert set(model.objects.values_list("customer", flat=True)) == {world.other.pk}
        assert list(Customer.objects.all()) == [world.other]
        assert verify_chain()[1] is None


def test_packed_columns_keep_nothing_of_an_erased_person(world):
    with shop_scope(world.shop):
        before = read_columns(*PACKED)
        (month,) = RFMMonth.objects.all()
        erase_personal_data(world.anna, now=NOW)
        after = read_columns(*PACKED)

        mine = before["customers"] != world.anna.pk
        assert {name: list(column) for name, column in after.items()} == {
            name: list(column[mine]) for name, column in before.items()
        }
        kept = np.frombuffer(month.customers, "<i8") != world.anna.pk
        (left,) = RFMMonth.objects.all()
        assert np.frombuffer(left.customers, "<i8").tolist() == [world.other.pk]
        assert left.cells == bytes(np.frombuffer(month.cells, np.uint8)[kept])
        run_scoring(start_run(world.shop, as_of=date(2026, 11, 16), now=NOW), now=NOW)
        assert read_columns("customers")["customers"].tolist() == [world.other.pk]


PACKED = ("customers", "kinds", "net_minor", "clv_minor", "recency_days", "stake_minor", "aov_minor")


def test_the_books_stay_without_the_person(world):
    with shop_scope(world.shop):
        books = books_of()
        days = sums_of_days()
        erase_personal_data(world.anna, now=NOW)

        assert books_of() == books
        orders = Order.objects.order_by("external_id").values_list("external_id", "customer", "content_hash")
        assert [(number, who) for number, who, _ in orders] == [
            ("n-1", None),
            ("n-2", world.other.pk),
            ("n-3", None),
            ("n-4", world.other.pk),
        ]
        assert [bool(hashed) for _, _, hashed in orders] == [False, True, False, True]
        assert Refund.objects.filter(customer=None).count() == 1
        assert SalesDay.objects.filter(is_stale=True).count() == 3
        while refresh_sales_days():
            pass
        assert sums_of_days() == days
        assert SalesDay.objects.aggregate(known=Sum("unknown_orders")) == {"known": 2}


def books_of():
    """What the shop took and gave back, and of what."""
    return [
        Order.objects.aggregate(Sum("total_minor"), Sum("revenue_minor")),
        Refund.objects.aggregate(Sum("amount_minor"), Sum("revenue_minor")),
        list(OrderLine.objects.order_by("pk").values()),
        list(RefundLine.objects.order_by("pk").values()),
    ]


def sums_of_days():
    days = SalesDay.objects.order_by("day").values_list(
        "day", "new_orders", "returning_orders", "unknown_orders", "new_minor", "returning_minor", "unknown_minor"
    )
    return [(day, sum(counts[:3]), sum(counts[3:])) for day, *counts in days]


def test_erasing_leaves_lookalikes_as_they_were(world, elsewhere):
    (before,) = known_of(world, world.other)
    theirs, chain = whole_shop(elsewhere.shop), whole_shop(world.shop)["shops_auditentry"]
    with shop_scope(world.shop):
        erase_personal_data(world.anna, now=NOW)

    assert known_of(world, world.other) == [before]
    assert whole_shop(elsewhere.shop) == theirs
    assert whole_shop(world.shop)["shops_auditentry"] == chain


def test_a_finished_export_that_searched_for_the_person_finds_nobody(world):
    with shop_scope(world.shop):
        erase_personal_data(world.anna, now=NOW)
        assert list(ExportJob.objects.order_by("pk").values_list("filters", flat=True)) == [
            {"q": ["erased"], "tag": ["3"]},
            {"q": ["like@example.com"], "tag": ["3"]},
        ]
        assert [job.facts for job in ImportJob.objects.filter(filename="f.csv").order_by("pk")] == [
            {"header": ["mail"], "rows": [], "size": 7},
            {"header": ["mail"], "rows": [["like@example.com"]], "size": 7},
        ]
        assert list(RejectedRow.objects.order_by("pk").values_list("row_no", "raw", "params")) == [
            (0, "", {}),
            (0, "", {}),
            (1, "like@example.com;x", {"value": "like@example.com;x"}),
            (1, "y;+49 1", {"value": "y;+49 1"}),
        ]


def test_whoever_may_not_see_contacts_erases_and_moves_the_whole_values(world):
    """Read through a mask, an address would find no text, and a name would be written back as stars."""
    with shop_scope(world.shop), contacts_hidden(True):
        Customer.objects.filter(pk=world.anna.pk).update(name="anna@example.com")
        empty = Customer.objects.create(shop=world.shop)
        move_personal_data(world.anna, empty, now=NOW)
        erase_personal_data(Customer(pk=world.anna.pk), now=NOW)
        with contacts_hidden(False):
            assert Customer.objects.get(pk=empty.pk).name == "anna@example.com"
        erase_personal_data(empty, now=NOW)
    assert places_of(world.shop, CANARY) == []


def test_everything_moves_to_the_target(world, elsewhere):
    before, theirs = known_of(world, world.anna, world.other), whole_shop(elsewhere.shop)
    with shop_scope(world.shop):
        books = books_of()
        move_personal_data(world.anna, world.other, now=NOW)
        assert books_of() == books
    left, found = known_of(world, world.anna, world.other)

    assert whole_shop(elsewhere.shop) == theirs
    assert [name for name, rows in left.items() if rows] == ["customer"]
    assert (left["customer"][0]["order_count"], left["customer"][0]["net"]["amount"]) == (0, "0.00")
    for name in ("identifiers", "orders", "order_lines", "refunds", "refund_lines", "notes", "consent_events"):
        assert ordered(found[name]) == ordered(before[0][name] + before[1][name])
    # One of each that both had.
    assert [row["tag__name"] for row in found["tags"]] == ["vip", "fan"]
    assert found["stage_transitions"] == before[1]["stage_transitions"]
    assert (found["scores"], found["rfm_months"]) == (before[1]["scores"], before[1]["rfm_months"])
    filled = ("birthday", "language", "time_zone", "company", "kind")
    assert found["customer"][0] | {"updated_at": None} == before[1]["customer"][0] | {
        **{name: before[0]["customer"][0][name] for name in filled},
        "order_count": 4,
        "first_order_at": "2026-09-01T12:00:00+00:00",
        "last_order_at": "2026-10-05T12:00:00+00:00",
        "gross": {"amount": "88.50", "currency": "GBP"},
        "refunded": {"amount": "1.50", "currency": "GBP"},
        "net": {"amount": "87.00", "currency": "GBP"},
        "updated_at": None,
    }


def ordered(rows):
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def test_a_moved_person_is_found_scored_and_bought_for_as_the_target(world):
    with shop_scope(world.shop):
        move_personal_data(world.anna, world.other, now=NOW)

        assert find("kanarienvogel@example.com").ids == [world.other.pk]
        assert find("like-7").ids == [world.other.pk]
        assert read_columns("customers")["customers"].tolist() == [world.other.pk]
        assert SalesDay.objects.filter(is_stale=True).count() == 3
        _, counts = ingest_orders([order(world.person, "n-9", (11, 1), 500)], by=None, now=NOW)
        assert counts.customers_created == 0
        assert Order.objects.get(external_id="n-9").customer == world.other
        run_scoring(start_run(world.shop, as_of=date(2026, 11, 16), now=NOW), now=NOW)
        assert CustomerScore.objects.get(customer=world.other).frequency == 5


def test_what_the_target_lacks_is_filled_and_what_it_has_stays(world):
    with shop_scope(world.shop):
        target = Customer.objects.create(shop=world.shop, city="Leipzig")
        move_personal_data(world.anna, target, now=NOW)
        target.refresh_from_db()
        assert (target.name, target.city, target.country) == ("Anna kanarienvogel", "Leipzig", "kanarienvogelland")


def test_a_customer_is_not_moved_into_itself(world):
    with shop_scope(world.shop), pytest.raises(SameCustomer):
        move_personal_data(world.anna, Customer(pk=world.anna.pk), now=NOW)


def test_another_shops_customer_is_neither_given_out_nor_erased_nor_moved(world, elsewhere):
    before = whole_shop(world.shop), whole_shop(elsewhere.shop)
    with shop_scope(world.shop):
        assert [rows for rows in personal_data_of(elsewhere.anna).values() if rows] == []
        for act, people in (
            (erase_personal_data, [elsewhere.anna]),
            (move_personal_data, [world.anna, elsewhere.anna]),
            (move_personal_data, [elsewhere.anna, world.anna]),
        ):
            with pytest.raises(Customer.DoesNotExist):
                act(*people, now=NOW)
    assert (whole_shop(world.shop), whole_shop(elsewhere.shop)) == before


def test_a_refund_of_somebody_else_for_the_persons_order_stays_theirs(world):
    with shop_scope(world.shop):
        Refund.objects.filter(external_id="r-n-2").update(order=Order.objects.get(external_id="n-1"))
        erase_personal_data(world.anna, now=NOW)
        assert dict(Refund.objects.values_list("external_id", "customer")) == {"r-n-1": None, "r-n-2": world.other.pk}


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
MINOR = st.integers(0, 10**9)
PERSON = st.fixed_dictionaries(
    {
        "orders": st.lists(st.tuples(DAYS, MINOR, st.booleans(), st.none() | MINOR), max_size=5),
        "tags": st.sets(st.sampled_from(["a", "b", "c"])),
        "emails": st.integers(0, 2),
        "stages": st.sets(st.tuples(DAYS, st.sampled_from([Stage.ACTIVE, Stage.LOST])), max_size=3),
    }
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.tuples(PERSON, PERSON, PERSON))
def test_whatever_two_people_have_is_the_targets_and_adds_up(shop, people):
    with shop_scope(shop), transaction.atomic():
        source, target, third = (write(shop, number, person) for number, person in enumerate(people))
        untouched = personal_data_of(third)
        books = books_of()
        move_personal_data(source, target, now=NOW)
        source.refresh_from_db()
        target.refresh_from_db()

        orders = [order for person in people[:2] for order in person["orders"]]
        bought = [order for order in orders if order[2]]
        gross, back = sum(order[1] for order in bought), sum(order[3] or 0 for order in bought)
        assert (target.order_count, target.gross_minor, target.refunded_minor) == (len(bought), gross, back)
        assert target.net_minor == gross - back
        assert target.average_order_minor == average_order(gross, len(bought))
        assert target.first_order_on == min((day for day, *_ in bought), default=None)
        assert (source.order_count, source.net_minor, source.first_order_on) == (0, 0, None)
        assert target.orders.count() == len(orders)
        assert set(target.customer_tags.values_list("tag__name", flat=True)) == people[0]["tags"] | people[1]["tags"]
        assert target.identifiers.count() == people[0]["emails"] + people[1]["emails"]
        assert set(target.stage_transitions.values_list("on", "to_stage")) == people[0]["stages"] | people[1]["stages"]
        assert [name for name, rows in personal_data_of(source).items() if rows] == ["customer"]
        assert personal_data_of(third) == untouched
        assert books_of() == books
        transaction.set_rollback(True)


def write(shop, number, person):
    """A customer with these rows, counted."""
    customer = Customer.objects.create(shop=shop, name=f"Person {number}")
    for place, (day, minor, is_purchase, back) in enumerate(person["orders"]):
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        money = {"shop": shop, "customer": customer, "currency": "GBP", "revenue_minor": minor, "content_hash": b""}
        of = Order.objects.create(
            external_id=f"{number}-{place}",
            placed_at=at,
            placed_on=day,
            total_minor=minor,
            is_purchase=is_purchase,
            **money,
        )
        if back is not None:
            money["revenue_minor"] = back
            Refund.objects.create(
                external_id="r", order=of, refunded_at=at, refunded_on=day, amount_minor=back, **money
            )
    change_tags([TagChange(customer.pk, sorted(person["tags"]))], by=None, now=NOW)
    for place in range(person["emails"]):
        Identifier.objects.create(shop=shop, customer=customer, kind="email", value=f"{number}{place}@example.com")
    for on, stage in person["stages"]:
        StageTransition.objects.create(
            shop=shop, customer=customer, on=on, from_stage=Stage.NEW, to_stage=stage, reason="on_time", run_id=1
        )
    with connections["default"].cursor() as cursor:
        engine = Engine(cursor, now=NOW)
        engine.open()
        engine.stage_moved(customer.pk, customer.pk)
        engine.count_figures()
    return customer
