"""Looking for duplicates: whom it finds, whom not, what becomes of the list, and that it stays in its shop."""

import csv
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from crm.shops.models import AuditEntry
from crm.tenancy.jobs import LeaseLost
from crm.tenancy.scope import NoShopInScope, current_shop_id, shop_scope
from customers.addresses import add_address
from customers.domain.addresses import AddressIn
from customers.ingest import CustomerIn, ingest_orders
from customers.merging import finder, merge_customers, undo_merge
from customers.merging.searches import AlreadyJudged, request_search, run_search, skip_pair
from customers.models import Customer, DuplicatePair, DuplicateSearch, Identifier
from tests.factories import customers
from tests.factories.shops import NOW

pytestmark = pytest.mark.django_db


def search(shop):
    """Look once; return the open pairs as sets of ids."""
    with shop_scope(shop):
        job = request_search(shop, by=None, now=NOW)
        job.take()
    run_search(job, now=NOW)
    return open_pairs(shop)


def open_pairs(shop):
    with shop_scope(shop):
        found = DuplicatePair.objects.filter(state="open").order_by("-score", "pk")
        return [{pair.first_id, pair.second_id} for pair in found]


def many(shop, count, *, start=0, **fields):
    """Customers with nothing in common but these fields; return their ids."""
    with shop_scope(shop):
        made = Customer.objects.bulk_create(Customer(shop=shop, **fields) for _ in range(count))
        return [each.pk for each in made]


def identify(shop, ids, kind, value):
    with shop_scope(shop):
        Identifier.objects.bulk_create(
            Identifier(shop=shop, customer_id=pk, kind=kind, value=value(place)) for place, pk in enumerate(ids)
        )


def command(shop, *options):
    out = StringIO()
    call_command("find_duplicates", shop.slug, *options, stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def written(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Ana Marisa Silva", "city": "Porto"}, {"name": "SILVA, Ana  Marisa", "city": "porto"}),
        ({"name": "王小明", "city": "上海"}, {"name": "Wang Xiaoming", "city": "Shanghai"}),
        ({"name": "王小明", "phone": "+8613800138000"}, {"name": "Xiaoming Wang", "phone": "+8613800138001"}),
        ({"name": "Katharina Huber", "phone": "+4366412345678"}, {"name": "Katarina Huber", "phone": "+4366412345679"}),
        (
            {"name": "Ａｎａ　Ｓｉｌｖａ", "email": "ana.silva@web.de"},
            {"name": "Ana Silva", "email": "anasilva@gmx.de"},
        ),
        ({"email": "ana.silva@gmail.com", "city": "Porto"}, {"email": "ana.silva@gmial.com", "city": "Porto"}),
    ],
)
def test_a_person_in_two_records_is_found(shop, one, other):
    pair = [customers.customer(shop, **fields).pk for fields in (one, other)]
    customers.customer(shop, "Bob Miller", email="bob@example.com", city="York")
    assert search(shop) == [set(pair)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "王伟", "city": "上海"}, {"name": "王伟", "city": "北京"}),
        ({"name": "John Smith", "city": "York"}, {"name": "John Smith", "city": "Leeds"}),
        ({"name": "Ana Silva", "phone": "+4366412345678"}, {"name": "Pedro Silva", "phone": "+4366412345679"}),
        ({"name": "Ana", "city": "Porto"}, {"name": "Ana", "city": "Porto"}),
        ({"name": "One Ltd", "email": "info@one.example"}, {"name": "Two Ltd", "email": "info@two.example"}),
        ({"name": "***", "city": "Porto"}, {"name": "***", "city": "Porto"}),
        ({"name": "🙂🙂", "city": "Porto"}, {"name": "🙂🙂", "city": "Porto"}),
        ({"name": "", "city": ""}, {"name": "", "city": ""}),
        ({"name": "Guest Customer", "city": "Porto"}, {"name": "guest customer", "city": "Porto"}),
    ],
)
def test_two_people_are_not(shop, one, other):
    for fields in (one, other):
        customers.customer(shop, **fields)
    assert search(shop) == []


def at(shop, name, line1, **fields):
    """A customer with this address; the id."""
    made = customers.customer(shop, name, **fields)
    with shop_scope(shop):
        add_address(made, AddressIn("shipping", line1=line1, postcode="LS1 4AP"), by=None, now=NOW)
    return made.pk


def test_names_that_may_be_one_at_one_address_are_found(shop, other_shop):
    pair = {at(shop, "Katharina Huber", "12 Mill Road"), at(shop, "Katarina Huber", "Mill Rd. 12")}
    at(shop, "Karl Huber", "12 Mill Road")
    at(other_shop, "Katharina Huber", "12 Mill Road")
    assert search(shop) == [pair]
    with shop_scope(shop):
        reasons = DuplicatePair.objects.get().reasons
    assert {each["kind"]: each["weight"] for each in reasons} == {"address": 25, "name_alike": 25}


def test_who_lives_together_is_no_pair(shop):
    for name, phone in (("Ana Silva", "+447700900001"), ("Pedro Silva", "+447700900002"), ("Ana Costa", "")):
        at(shop, name, "12 Mill Road", city="Leeds", country="GB", phone=phone)
    assert search(shop) == []


def test_an_address_alone_is_no_proof(shop):
    at(shop, "", "12 Mill Road", city="Leeds")
    at(shop, "", "12 Mill Road", city="Leeds")
    assert search(shop) == []


def test_a_house_of_many_says_little(shop):
    at(shop, "Katharina Huber", "12 Mill Road")
    at(shop, "Katarina Huber", "12 Mill Road")
    for n in range(4):
        at(shop, "", f"12 Mill Road, Flat {n}")
    assert search(shop) == []


def order_by(who, number):
    return customers.order_in(number, customer=CustomerIn(*who))


def test_whom_one_record_named_as_two_is_looked_at_by_name(shop):
    """A phone that two gave stays with the first; the search still knows that both did."""
    with shop_scope(shop):
        for people in (
            [("1", "", "+442079460001", "Ana Silva"), ("3", "", "+442079460002", "Karl Huber")],
            [("2", "", "+442079460001", "Pedro Silva"), ("4", "", "+442079460002", "Huber, Karla")],
        ):
            ingest_orders([order_by(who, who[0]) for who in people], by=None, now=NOW)
        numbers = dict(Identifier.objects.filter(kind="external").values_list("value", "customer_id"))
        family = DuplicatePair.objects.get(first_id=numbers["1"])
        assert (family.score, family.reasons) == (40, [])
    search(shop)
    with shop_scope(shop):
        pairs = {pair.first_id: pair for pair in DuplicatePair.objects.all()}
    assert pairs[numbers["1"]].score == 5
    assert [each["kind"] for each in pairs[numbers["3"]].reasons] == ["phone", "name_alike", "numbers_differ"]
    assert pairs[numbers["3"]].score == 55


def test_the_file_holds_numbers_score_and_reason(shop, tmp_path):
    customers.customer(shop, "Ana Marisa Silva", city="Porto", number="=1+1")
    customers.customer(shop, "Ana Marisa Silva", city="Porto")
    other = customers.customer(shop, "Ana Marisa Silva", city="Porto", number="17")
    with shop_scope(shop):
        nameless = Customer.objects.order_by("pk")[1].pk
    report = command(shop, "--out", str(tmp_path / "found.csv"))
    assert report == {"pairs": 3, "seconds": report["seconds"]}
    reason = "Same name, which few have; Same city"
    assert written(tmp_path / "found.csv") == [
        ["external_id_a", "external_id_b", "score", "reason"],
        ["'=1+1", f"#{nameless}", "60", reason],
        [f"#{nameless}", "17", "60", reason],
        ["'=1+1", "17", "50", f"{reason}; Your shop has given them two customer numbers"],
    ]
    with shop_scope(shop):
        assert DuplicatePair.objects.count() == 3
        assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))[-2:] == [
            "customers.duplicates_requested",
            "customers.duplicates_found",
        ]
        merge = merge_customers(other, Customer.objects.order_by("pk")[0], by=None, now=NOW)
    assert command(shop)["pairs"] == 1
    with shop_scope(shop):
        undo_merge(merge, by=None, now=NOW)
    assert command(shop)["pairs"] == 2  # Who undoes a merge has judged the pair.


def test_a_file_that_cannot_be_written_changes_nothing(shop, tmp_path):
    for _ in range(2):
        customers.customer(shop, "Ana Marisa Silva", city="Porto")
    with pytest.raises(CommandError, match="No such file"):
        command(shop, "--out", str(tmp_path / "missing" / "found.csv"))
    with shop_scope(shop):
        assert not DuplicatePair.objects.exists()
        assert DuplicateSearch.objects.get().state == "failed"
    with pytest.raises(CommandError, match="no shop"):
        call_command("find_duplicates", "nowhere")


def test_skipped_pairs_stay_skipped_and_gone_ones_vanish(shop, owner):
    same = [customers.customer(shop, "Ana Marisa Silva", city="Porto") for _ in range(3)]
    assert len(search(shop)) == 3
    with shop_scope(shop):
        pair = DuplicatePair.objects.get(first=same[0], second=same[1])
        skip_pair(pair, by=owner, now=NOW)
        with pytest.raises(AlreadyJudged):
            skip_pair(pair, by=owner, now=NOW)
        Customer.objects.filter(pk=same[2].pk).update(name="Bob Miller")
    assert search(shop) == []
    with shop_scope(shop):
        assert list(DuplicatePair.objects.values_list("pk", "state", "decided_by")) == [(pair.pk, "skipped", owner.pk)]


def test_what_one_record_named_outlives_a_search_that_does_not_find_it(shop):
    ana, bob = (customers.customer(shop, name) for name in ("Ana Silva", "Bob Miller"))
    with shop_scope(shop):
        DuplicatePair.objects.create(shop=shop, first=ana, second=bob, evidence=[{"kind": "phone"}])
    assert search(shop) == [{ana.pk, bob.pk}]
    with shop_scope(shop):
        assert DuplicatePair.objects.get().score == 5


def test_other_shops_customers_are_never_compared(shop, other_shop, tmp_path):
    ours = customers.customer(shop, "Ana Marisa Silva", city="Porto", email="ana.marisa@web.de")
    for _ in range(2):
        customers.customer(other_shop, "Ana Marisa Silva", city="Porto")
    assert search(shop) == []
    assert command(shop, "--out", str(tmp_path / "found.csv"))["pairs"] == 0
    assert len(written(tmp_path / "found.csv")) == 1
    assert len(search(other_shop)) == 1
    again = customers.customer(shop, "Ana Marisa Silva", city="Porto")
    assert search(shop) == [{ours.pk, again.pk}]


def test_a_key_of_more_than_fifty_says_nothing(shop):
    many(shop, finder.LARGEST_BLOCK, name="Ana Marisa Silva", city="Porto")
    assert finder.find_pairs(shop.pk).worth_asking == 0  # Looked at, but a name of so many.
    shown = many(shop, 2, name="Karl Friedrich Huber", city="Wien")
    assert search(shop) == [set(shown)]


@pytest.fixture
def compared(monkeypatch):
    """How many pairs each part that is compared has."""
    counted = []
    scored = finder.scored
    monkeypatch.setattr(finder, "scored", lambda *part: counted.append(len(part[1].first)) or scored(*part))
    return counted


def test_blocks_of_more_than_fifty_are_not_taken_apart(shop, compared):
    alike = many(shop, 51, name="Ana Marisa Silva", city="Porto")
    search(shop)
    assert sum(compared) == 0
    with shop_scope(shop):
        Customer.objects.filter(pk=alike[0]).delete()
    search(shop)
    assert sum(compared) == 50 * 49 // 2


def test_guests_and_one_front_of_numbers_are_no_work(shop, compared):
    """What is skipped does not grow with the shop: a block of 51 is as good as one of 50,000."""
    many(shop, 120, name="Guest", city="Porto")
    callers = many(shop, 120, name="Test Account", city="Porto")
    identify(shop, callers, "phone", lambda place: f"+{place:05d}00138000123")  # all end alike
    identify(shop, callers, "email", lambda place: f"guest@shop{place}.example")
    assert search(shop) == []
    assert sum(compared) == 0


def test_the_smallest_blocks_are_compared_first(shop, monkeypatch):
    monkeypatch.setattr(finder, "MOST_PAIRS", 3)
    many(shop, 10, name="Ana Marisa Silva")
    few = many(shop, 2, name="Karl Friedrich Huber", city="Wien")
    assert search(shop) == [set(few)]


def test_the_list_takes_the_likeliest(shop, monkeypatch):
    monkeypatch.setattr(finder, "MOST_LISTED", 1)
    many(shop, 2, name="Ana Marisa Silva", city="Porto")
    likelier = [
        customers.customer(shop, "Karl Friedrich Huber", city="Wien", email=f"karl.huber@{at}").pk
        for at in ("web.example", "gmx.example")
    ]
    assert search(shop) == [set(likelier)]


def test_one_who_goes_meanwhile_is_not_listed(shop):
    first, _second = many(shop, 2, name="Ana Marisa Silva", city="Porto")
    found = finder.find_pairs(shop.pk)
    assert found.worth_asking == 1
    with shop_scope(shop):
        Customer.objects.filter(pk=first).delete()
        finder.list_found(found, now=NOW)
        assert not DuplicatePair.objects.exists()


def test_a_search_is_stopped_between_two_parts(shop, monkeypatch, compared):
    """Each report says how far it is and may end it, with no transaction of the search open."""
    monkeypatch.setattr(finder, "PAIRS_AT_ONCE", 2)
    many(shop, 4, name="Ana Marisa Silva", city="Porto")
    shares = []
    finder.find_pairs(shop.pk, shares.append)
    assert compared == [2, 2, 2]
    assert shares == [0.2, 0.3, 0.35, 0.425, 0.5, 0.6, pytest.approx(0.6 + 0.4 / 3), pytest.approx(0.6 + 0.8 / 3), 1.0]
    with shop_scope(shop):
        job = request_search(shop, by=None, now=NOW)
        job.take()

    def stop_at_the_second(*part):
        with pytest.raises(NoShopInScope):
            current_shop_id()
        if len(compared) == 4:
            with shop_scope(shop):
                DuplicateSearch.objects.update(state="cancelled")
        return scored(*part)

    scored = finder.scored
    monkeypatch.setattr(finder, "scored", stop_at_the_second)
    with pytest.raises(LeaseLost):
        run_search(job, now=NOW)
    assert compared == [2, 2, 2, 2, 2]
    assert open_pairs(shop) == []


def test_staff_stop_a_search_that_waits_or_runs(shop, other_shop, owner, as_person):
    many(shop, 2, name="Ana Marisa Silva", city="Porto")
    with shop_scope(other_shop):
        theirs = request_search(other_shop, by=None, now=NOW)
    browser, page = as_person(owner), reverse("customers:duplicates", args=[shop.slug])
    with shop_scope(shop):
        running = request_search(shop, by=owner, now=NOW)
        running.take()
        waiting = request_search(shop, by=owner, now=NOW)
    assert b'name="stop"' in browser.get(page).content
    for _ in range(2):  # who presses twice is told nothing wrong
        answer = browser.post(reverse("customers:duplicate_search", args=[shop.slug]), {"stop": "1"}, follow=True)
        assert answer.status_code == 200
    assert b'name="stop"' not in answer.content
    with pytest.raises(LeaseLost):
        run_search(running, now=NOW)
    assert open_pairs(shop) == []
    with shop_scope(shop):
        assert set(DuplicateSearch.objects.values_list("pk", "state")) == {
            (running.pk, "cancelled"), (waiting.pk, "cancelled"),
        }  # fmt: skip
        assert AuditEntry.objects.filter(action="customers.duplicates_cancelled").count() == 2
    with shop_scope(other_shop):
        theirs.refresh_from_db()
    assert theirs.state == "queued"


def test_who_stops_the_command_stops_the_search(shop, monkeypatch):
    def stop(*part):
        raise KeyboardInterrupt

    monkeypatch.setattr(finder, "scored", stop)
    with pytest.raises(KeyboardInterrupt):
        command(shop)
    with shop_scope(shop):
        assert DuplicateSearch.objects.get().state == "failed"


def test_a_search_that_waits_is_not_asked_for_twice(shop, owner):
    with shop_scope(shop):
        waiting = request_search(shop, by=owner, now=NOW)
        assert request_search(shop, by=owner, now=NOW) == waiting
        assert DuplicateSearch.objects.count() == 1


def test_a_search_that_was_taken_over_writes_nothing(shop):
    many(shop, 2, name="Ana Marisa Silva", city="Porto")
    with shop_scope(shop):
        job = request_search(shop, by=None, now=NOW)
        job.take()
        DuplicateSearch.objects.get().take()
    with pytest.raises(LeaseLost):
        run_search(job, now=NOW)
    assert open_pairs(shop) == []
