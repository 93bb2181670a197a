"""What files said of two who are one meanwhile: an undo, of whichever first, leaves each what they said themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.consent.actions import record_consents
from customers.consent.recording import ConsentIn, differences
from customers.imports.actions import request_undo
from customers.merging import merge_customers, undo_merge
from customers.models import Consent, Customer, Identifier
from customers.tasks import IMPORTS

pytestmark = pytest.mark.django_db
HEADING = "email,consent.email.marketing,consent.email.marketing.at\n"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def person(name):
    return Customer.objects.get(identifiers__value=f"{name}@example.com")


def say(shop, name, state, at=LONG_AGO):
    with shop_scope(shop):
        record_consents([ConsentIn(person(name).pk, "email", "marketing", state, at)], by=None, now=timezone.now())


def join(shop, source, target):
    with shop_scope(shop):
        return merge_customers(person(source), person(target), by=None, now=timezone.now())


def part(shop, merge):
    with shop_scope(shop):
        undo_merge(merge, by=None, now=timezone.now())


def take_back(shop, made):
    with shop_scope(shop):
        request_undo(made.job, by=None, now=timezone.now())
    IMPORTS.do_next(shop.pk)


def states(shop):
    """By the e-mail addresses of each what counts; the table is what the events say."""
    with shop_scope(shop):
        assert differences()[1] == []
        emails = Identifier.objects.filter(kind="email").values_list("customer_id", "value")
        counting = dict(Consent.objects.values_list("customer_id", "state"))
        return {value.partition("@")[0]: counting.get(pk) for pk, value in emails}


@pytest.fixture
def shop(bring):
    return bring("email,name\nana@example.com,Ana\nbea@example.com,Bea\ncat@example.com,Cat\n").shop


@pytest.mark.parametrize("at", ["", "2026-01-05T00:00:00+00:00"])
def test_a_no_of_a_file_stays_where_the_merge_that_had_said_it_is_undone(bring, shop, at):
    say(shop, "ana", "withdrawn", datetime(2026, 1, 5, tzinfo=UTC))
    say(shop, "bea", "granted")
    merge = join(shop, "ana", "bea")
    text = HEADING + f"bea@example.com,no,{at}\n"
    bring(text)
    bring(text)  # the second time it is no news
    part(shop, merge)
    assert states(shop) == {"ana": "withdrawn", "bea": "withdrawn", "cat": None}
    with shop_scope(shop):
        assert person("bea").consent_events.filter(state="withdrawn").count() == 1


def test_a_no_of_a_file_stays_where_the_strictest_of_both_had_said_it(bring, shop):
    say(shop, "ana", "withdrawn")
    say(shop, "bea", "granted", datetime(2026, 1, 5, tzinfo=UTC))
    merge = join(shop, "ana", "bea")
    bring(HEADING + "bea@example.com,no,\n")
    part(shop, merge)
    assert states(shop) == {"ana": "withdrawn", "bea": "withdrawn", "cat": None}


def test_a_no_to_the_api_stays_where_the_other_who_had_said_it_is_parted(shop):
    say(shop, "ana", "withdrawn", datetime(2026, 1, 5, tzinfo=UTC))
    say(shop, "bea", "granted")
    merge = join(shop, "ana", "bea")
    say(shop, "bea", "withdrawn", None)
    part(shop, merge)
    assert states(shop) == {"ana": "withdrawn", "bea": "withdrawn", "cat": None}


@pytest.mark.parametrize(
    ("said", "file", "joined"),
    [
        ("granted", "bea@example.com,granted,2026-01-02", "pending"),  # Bea has not said anything then
        ("granted", "bea@example.com,withdrawn,2026-01-02", "pending"),
        ("granted", "bea@example.com,withdrawn,2025-01-02", "pending"),
        ("withdrawn", "bea@example.com,granted,2026-01-02", "withdrawn"),
        (None, "bea@example.com,withdrawn,2026-01-02", None),
    ],
)
@pytest.mark.parametrize("source", ["ana", "bea"])
def test_of_both_the_strictest_counts_also_once_the_file_of_one_is_undone(bring, shop, said, file, joined, source):
    if said:
        say(shop, "ana", said)
    made = bring(HEADING + file + "\n")
    merge = join(shop, source, "bea" if source == "ana" else "ana")
    take_back(shop, made)
    assert states(shop) == {"ana": joined, "bea": joined, "cat": None}
    part(shop, merge)
    assert states(shop) == {"ana": said, "bea": None, "cat": None}


def test_a_chain_is_as_strict_as_those_who_are_left_in_it(bring, shop):
    made = bring(HEADING + "ana@example.com,withdrawn,2025-01-02\ncat@example.com,granted,2025-01-02\n")
    for name in ("ana", "bea", "cat"):
        say(shop, name, "granted")
    inner, outer = join(shop, "ana", "bea"), join(shop, "bea", "cat")
    assert states(shop)["cat"] == "granted"  # Ana has agreed again since
    take_back(shop, made)
    assert states(shop)["cat"] == "granted"
    say(shop, "cat", "withdrawn", None)
    part(shop, inner)
    assert states(shop) == {"ana": "withdrawn", "bea": "withdrawn", "cat": "withdrawn"}
    part(shop, outer)
    assert states(shop) == {"ana": "withdrawn", "bea": "withdrawn", "cat": "withdrawn"}


def test_who_is_parted_from_a_chain_takes_their_no_along(shop):
    say(shop, "ana", "withdrawn")
    for name in ("bea", "cat"):
        say(shop, name, "granted", LONG_AGO + timedelta(days=1))
    inner = join(shop, "ana", "bea")
    join(shop, "bea", "cat")
    assert states(shop)["cat"] == "withdrawn"
    part(shop, inner)
    assert states(shop) == {"ana": "withdrawn", "bea": "granted", "cat": "granted"}


def test_what_another_had_said_alone_is_not_said_of_who_is_parted_from_the_chain(shop):
    for name in ("ana", "bea", "cat"):
        say(shop, name, "granted")
    inner = join(shop, "ana", "bea")
    say(shop, "cat", "withdrawn", None)
    join(shop, "bea", "cat")
    part(shop, inner)
    assert states(shop) == {"ana": "granted", "bea": "withdrawn", "cat": "withdrawn"}


def test_withdrawn_and_granted_while_they_are_one_is_a_no_of_both_and_a_yes_of_neither(shop):
    for name in ("ana", "bea"):
        say(shop, name, "granted")
    merge = join(shop, "ana", "bea")
    say(shop, "bea", "withdrawn", None)
    say(shop, "bea", "granted", None)
    assert states(shop)["bea"] == "granted"
    part(shop, merge)
    assert states(shop) == {"ana": "withdrawn", "bea": "withdrawn", "cat": None}


def test_to_be_confirmed_while_they_are_one_is_to_be_confirmed_by_both(shop):
    say(shop, "ana", "granted")
    say(shop, "bea", "withdrawn")
    merge = join(shop, "ana", "bea")
    say(shop, "bea", "pending", None)
    part(shop, merge)
    assert states(shop) == {"ana": "pending", "bea": "withdrawn", "cat": None}


@pytest.mark.parametrize("before", ["granted", None])
@pytest.mark.parametrize("cell", ["no", "yes"])
@pytest.mark.parametrize("merge_first", [True, False])
def test_a_file_on_two_who_are_one_leaves_nothing_once_both_are_undone(bring, shop, before, cell, merge_first):
    if before:
        for name in ("ana", "bea"):
            say(shop, name, before)
    merge = join(shop, "ana", "bea")
    made = bring(HEADING + f"bea@example.com,{cell},2026-02-01\n")
    for undo in (lambda: part(shop, merge), lambda: take_back(shop, made))[:: 1 if merge_first else -1]:
        undo()
    assert states(shop) == {"ana": before, "bea": before, "cat": None}


@pytest.mark.parametrize("at", ["2026-02-01", ""])
def test_what_two_files_said_goes_once_both_are_undone_the_first_one_first(bring, shop, at):
    files = [bring(HEADING + f"ana@example.com,granted,{at}\n") for _ in range(2)]
    take_back(shop, files[0])
    assert states(shop)["ana"] == "granted"
    take_back(shop, files[1])
    assert states(shop)["ana"] is None
