"""How many identifiers and tags one customer can have: by files, by the API, and what the page then shows."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.domain.limits import MAX_IDENTIFIERS, MAX_TAGS
from customers.imports.actions import request_check, upload_import
from customers.ingest import CROWDED
from customers.models import Customer, CustomerTag, Identifier, Order, RejectedRow
from customers.queries import contacts_shown
from customers.tagging import TagChange, too_many_tags
from customers.tasks import IMPORTS
from customers.upserts import TOO_MANY_TAGS, Details, NoRoom, change_customer, upsert_customers

pytestmark = pytest.mark.django_db
PEOPLE = "customer_id,email,phone,name,city,country,tags\n"
ORDERS = "order_id,ordered_at,customer_id,email,quantity,unit_price\n"


def emails(count, first=0):
    return [f"a{number:04}@example.com" for number in range(first, first + count)]


def known(shop):
    """How many identifiers each customer number has."""
    with shop_scope(shop):
        numbers = dict(Identifier.objects.filter(kind="external").values_list("value", "customer_id"))
        return {value: Identifier.objects.filter(customer_id=pk).count() for value, pk in numbers.items()}


def forecast(shop, text, kind):
    """What a dry run of the text says of identifiers and tags that are too many, and writes of them."""
    with shop_scope(shop):
        job = upload_import(shop, ContentFile(text.encode(), "check.csv"), by=None, now=timezone.now())
        request_check(job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)
    with shop_scope(shop):
        job.refresh_from_db()
        return job.forecast["surplus_values"], RejectedRow.objects.filter(job=job, code=kind).count()


def test_a_list_gives_a_customer_no_more_identifiers_than_one_can_have(bring, monkeypatch):
    monkeypatch.setattr("customers.imports.lists.SLICE_ROWS", 70)
    start = bring(PEOPLE + "C0,,,Zoe,,,\n", slug="limits")
    text = (
        PEOPLE
        + "".join(f"C1,{email},,Ana,,,\n" for email in emails(MAX_IDENTIFIERS + 50))
        + "C2,b@example.com,,Bo,,,\n"
    )
    assert forecast(start.shop, text, "too_many_identifiers") == (51, 51)
    made = bring(text, slug="limits")
    assert known(made.shop) == {"C0": 1, "C1": MAX_IDENTIFIERS, "C2": 2}
    told = {row for row, code in made.told if code == "too_many_identifiers"}
    assert (len(told), made.counts["surplus_values"], made.rejected) == (51, 51, [])
    with shop_scope(made.shop):
        row = RejectedRow.objects.filter(job=made.job, code="too_many_identifiers").first()
        assert (row.column, row.params["limit"]) == ("email", MAX_IDENTIFIERS)
    again = bring(text, slug="limits")
    assert (again.counts["customers_changed"], known(again.shop)["C1"]) == (0, MAX_IDENTIFIERS)


def test_orders_are_taken_without_an_identifier_that_their_customer_has_no_room_for(bring, monkeypatch):
    monkeypatch.setattr("customers.imports.staged.SLICE_ORDERS", 90)
    start = bring(ORDERS + "X,2026-07-20,C0,,1,1\n", slug="limits")
    rows = [f"{n},2026-07-20,C1,{email},1,10\n" for n, email in enumerate(emails(MAX_IDENTIFIERS + 30))]
    text = ORDERS + "".join(rows)
    assert forecast(start.shop, text, "too_many_identifiers") == (31, 31)
    made = bring(text, slug="limits")
    assert known(made.shop) == {"C0": 1, "C1": MAX_IDENTIFIERS}
    told = [row for row, code in made.told if code == "too_many_identifiers"]
    assert (len(told), made.counts["surplus_values"], made.rejected, made.people) == (31, 31, [], 2)
    with shop_scope(made.shop):
        assert Order.objects.filter(customer__identifiers__value="C1").count() == MAX_IDENTIFIERS + 30


def test_a_list_puts_no_more_tags_on_a_customer_than_one_can_wear(bring, monkeypatch):
    monkeypatch.setattr("customers.imports.lists.SLICE_ROWS", 2)
    start = bring(PEOPLE + "C0,,,Zoe,,,\n", slug="limits")
    cells = [";".join(f"t{number:03}" for number in range(at, at + 100)) for at in (0, 100, 200, 200)]
    text = PEOPLE + "".join(f'C1,,,Ana,,,"{cell}"\n' for cell in cells)
    said = forecast(start.shop, text, "too_many_tags_worn")
    made = bring(text, slug="limits")
    with shop_scope(made.shop):
        assert CustomerTag.objects.count() == MAX_TAGS
        rows = RejectedRow.objects.filter(job=made.job, code="too_many_tags_worn")
        told = list(rows.values_list("params__value", flat=True))
        assert set(told) == {f"t{number:03}" for number in range(250, 300)}
    assert (made.counts["surplus_values"], len(told)) == said


def fill(shop, number, count):
    """A customer with this number and `count` identifiers in all."""
    with shop_scope(shop):
        (outcome,) = upsert_customers([Details(number)], by=None, now=timezone.now())
        Identifier.objects.bulk_create(
            Identifier(shop=shop, customer_id=outcome.id, kind="email", value=value)
            for value in emails(count - 1, first=1_000)
        )
    return outcome.id


def test_an_upsert_leaves_out_who_has_no_room_and_takes_the_others(shop):
    pk = fill(shop, "C1", MAX_IDENTIFIERS - 1)
    now = timezone.now() + timedelta(minutes=1)
    with shop_scope(shop):
        outcomes = upsert_customers(
            [Details("C1", "x@example.com", "+442079460958", name="Ana"), Details("C2", "y@example.com")],
            by=None,
            now=now,
        )
        assert [outcome.status for outcome in outcomes] == ["crowded", "created"]
        assert Customer.objects.get(pk=pk).name == ""
        assert upsert_customers([Details("C1", "x@example.com", name="Ana")], by=None, now=now)[0].status == "updated"
        with pytest.raises(NoRoom, match=CROWDED):
            change_customer(Customer.objects.get(pk=pk), Details(phone="+442079460958", name="Bo"), by=None, now=now)
    assert known(shop) == {"C1": MAX_IDENTIFIERS, "C2": 2}
    with shop_scope(shop):
        assert Customer.objects.get(pk=pk).name == "Ana"


def test_a_customer_wears_no_more_tags_than_one_can_by_upserts(shop):
    now = timezone.now()
    with shop_scope(shop):
        for at in range(0, MAX_TAGS, 50):
            upsert_customers([Details("C1", tags=[f"t{n}" for n in range(at, at + 50)])], by=None, now=now)
        results = upsert_customers(
            [Details("C1", tags=["one more"]), Details("C2", tags=["one more"])], by=None, now=now
        )
        assert [result.status for result in results] == ["too_many_tags", "created"]
        (ana,) = Customer.objects.filter(identifiers__value="C1")
        assert CustomerTag.objects.filter(customer=ana).count() == MAX_TAGS
        with pytest.raises(NoRoom, match=TOO_MANY_TAGS):
            change_customer(ana, Details(tags=["one more"]), by=None, now=now)
        assert change_customer(ana, Details(tags=["one more"], remove_tags=["t0"]), by=None, now=now)
        assert CustomerTag.objects.filter(customer=ana).count() == MAX_TAGS
        assert too_many_tags([TagChange(ana.pk, ["T1", "one more"])]) == set()


def test_the_page_shows_the_first_identifiers_and_says_that_there_are_more(shop):
    pk = fill(shop, "C1", MAX_IDENTIFIERS + 5)
    with shop_scope(shop):
        shown = contacts_shown(pk)
        assert (len(shown.emails) + len(shown.external_ids), shown.has_more) == (MAX_IDENTIFIERS, True)
        Identifier.objects.filter(customer_id=pk, value__in=emails(5, first=1_000)).delete()
        assert contacts_shown(pk).has_more is False
