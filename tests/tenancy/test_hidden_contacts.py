"""Whoever may not see contacts meets none on any page, and gets no answer that depends on one.

A member with every right but that one walks every page and every search, with contacts in every text of the shop; and
shops that differ in nothing but what is hidden give the same bytes.
"""

import re
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.lib.masking import masked_text
from crm.shops.audit.chain import record
from crm.shops.models import ApiKey
from crm.shops.roles import RIGHTS_OF, Right, Role
from crm.tenancy.hiding import contacts_hidden
from crm.tenancy.scope import shop_scope
from customers import exports, finding
from customers.ingest.search import write_search_documents
from customers.models import (
    Customer,
    ExportJob,
    Identifier,
    ImportJob,
    Note,
    Order,
    Product,
    Refund,
    RejectedRow,
    Tag,
)
from segmentation.columns import write_columns
from segmentation.models import ScoreColumns, ScoreRun
from tests.factories import customers, make_everything, segmentation
from tests.tenancy import doors
from tests.tenancy.test_sweep import PAGES

# What must come out nowhere: the local part of an address and the inner digits of a phone number.
ADDRESS, LOCAL = "kanari.vogel@mail.example.com", "anari.vogel"
PHONE, DIGITS = "+49 151 1212 3434", "1511212"
MOBILE, INNER = "13866668000", "386666"
BOTH = f"{ADDRESS} {PHONE} {MOBILE}"
SECRETS = (LOCAL, DIGITS, INNER)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ ()-]+(?=\d)")


def told(text):
    """The secrets that the text gives away, however it groups their digits.

    Whole as they are: four digits alone are in some id or in the microseconds of some time before long.
    """
    bare = _BETWEEN_DIGITS.sub("", text)
    return [secret for secret in SECRETS if secret in bare]


TEXTS = {
    Customer: ("name", "city", "country"),
    Tag: ("name",),
    Note: ("body",),
    Order: ("external_id",),
    Refund: ("external_id",),
    Product: ("external_id", "name"),
    ImportJob: ("filename",),
    RejectedRow: ("column", "raw"),
}


@pytest.fixture
def all_but_contacts(monkeypatch):
    """Analysts with every right but to see contacts: so that every page is walked."""
    monkeypatch.setitem(RIGHTS_OF, Role.ANALYST, frozenset(Right) - {Right.SEE_CONTACTS})


def _plant(shop, made):
    """A contact in every text of the shop's rows."""
    for model, columns in TEXTS.items():
        room = min(model._meta.get_field(column).max_length or 999 for column in columns)
        text = BOTH if room > len(BOTH) else ADDRESS
        model.objects.filter(pk=made[model].pk).update(**dict.fromkeys(columns, text))
    customer = made[Customer]
    for kind, value in (("external", ADDRESS), ("external", MOBILE), ("phone", "+4915112123434"), ("email", ADDRESS)):
        Identifier.objects.update_or_create(shop=shop, kind=kind, value=value, defaults={"customer": customer})
    Customer.objects.create(shop=shop, name="")
    nameless = Customer.objects.create(shop=shop, name="", order_count=1, last_order_at=now())
    Identifier.objects.create(shop=shop, customer=nameless, kind="external", value=f"x{ADDRESS}")
    customers.order(shop, f"x{ADDRESS}", customer=nameless, placed_at=now())
    facts = {"header": [ADDRESS, MOBILE], "rows": [[PHONE, ADDRESS]]}
    RejectedRow.objects.update(params={"value": BOTH}, code="unknown_status")
    ImportJob.objects.update(facts=facts, mapping={"statuses": {ADDRESS: "paid"}})
    for state, error in (("failed", {"code": "missing_column", "column": ADDRESS}), ("running", None), ("draft", None)):
        ImportJob.objects.create(
            shop=shop,
            state=state,
            work="run",
            filename=BOTH,
            facts=facts,
            error=error,
            counts={"rows": 1, "rejected": 1},
            created_at=now(),
        )
    ApiKey.objects.update(name=ADDRESS)
    record("shop.changed", shop, by=made[ApiKey], details={"fields": [ADDRESS]})
    with connections["default"].cursor() as cursor:
        write_search_documents(cursor, list(Customer.objects.values_list("pk", flat=True)), shop_id=shop.pk)


def _addresses(shop, made):
    """Every page that is read, with the shop's own ids."""
    for name, arguments in PAGES.items():
        # What a key is called is for the people who make keys to choose, and to see as they wrote it.
        if "GET" not in doors.PAGES[name].methods or name == "settings:keys":
            continue
        values = {"shop_slug": shop.slug}
        for argument in arguments - {"shop_slug"}:
            model, attribute = doors.PATH[argument]
            values[argument] = getattr(made[model], attribute)
        yield reverse(name, kwargs=values)
    for job in ImportJob.objects.all():
        for query in ("", "?columns=1", "?columns=1&preset=generic"):
            yield reverse("imports:job", args=[shop.slug, job.pk]) + query
    for customer in Customer.objects.all():
        yield reverse("customers:detail", args=[shop.slug, customer.pk])
        yield reverse("customers:timeline", args=[shop.slug, customer.pk])
    for order in Order.objects.all():
        yield reverse("customers:order", args=[shop.slug, order.pk])
    for words in ("mail.example", "example.com", "k•••", "8000", "•••", "@", "canary", "x"):
        for name in ("search", "search_suggest", "customers:list"):
            yield reverse(name, args=[shop.slug]) + f"?q={words}"
    yield reverse("customers:list", args=[shop.slug]) + f"?tag={made[Tag].pk}"


def _text(response):
    return (b"".join(response) if response.streaming else response.content).decode()


@pytest.mark.slow
@pytest.mark.parametrize("part", [{}, {"headers": {"HX-Request": "true"}}], ids=["page", "part"])
def test_no_contact_is_on_any_page(shop, make_member, as_person, all_but_contacts, part):
    made = make_everything(shop)
    with shop_scope(shop):
        _plant(shop, made)
        addresses = list(_addresses(shop, made))
    browser = as_person(make_member(shop, Role.ANALYST), Client(raise_request_exception=False))
    shown, found = 0, []
    for address in addresses:
        answer = browser.get(address, **part)
        text = _text(answer)
        assert answer.status_code in (200, 302) or "/file/" in address, (address, answer.status_code)
        shown += text.count("•••")
        found += [(address, secret) for secret in told(f"{text} {answer.headers}")]
    assert found == []
    assert shown > 100


def test_owners_meet_the_same_contacts_in_full(shop, owner, as_person):
    """Else the walk above would find nothing because there is nothing."""
    made = make_everything(shop)
    with shop_scope(shop):
        _plant(shop, made)
    browser = as_person(owner)
    page = _text(browser.get(reverse("customers:detail", args=[shop.slug, made[Customer].pk])))
    assert told(page) == list(SECRETS)
    report = _text(browser.get(reverse("imports:rejected", args=[shop.slug, made[ImportJob].pk])))
    assert told(report) == list(SECRETS)
    assert LOCAL in _text(browser.get(reverse("settings:audit", args=[shop.slug])))


def test_an_exported_file_holds_none(shop, make_member, as_person, all_but_contacts, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    made, analyst = make_everything(shop), make_member(shop, Role.ANALYST)
    with shop_scope(shop):
        _plant(shop, made)
        job = ExportJob.objects.create(
            shop=shop, state="running", created_at=now(), requested_by=analyst, token="0" * 32, lease_until=now()
        )
    exports.run_export(job, shop, now())
    with shop_scope(shop):
        job.refresh_from_db()
    written = (tmp_path / job.file.name).read_text()
    assert job.state == "done"
    assert written.count("•••") >= 8
    assert told(written) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [ADDRESS, "kanari", "anari.vogel", "vogel@", "15112123434", "+49 151 1212 3434", "1212", "66668", MOBILE, "@mail"],
)
def test_no_fragment_of_a_contact_finds_anybody(shop, make_member, as_person, words):
    customers.customer(shop, f"Anna {MOBILE}", email=ADDRESS, phone="+4915112123434", number=f"w-{ADDRESS}")
    browser = as_person(make_member(shop, Role.ANALYST))
    if words == "@mail":  # the domain is shown, and so it is found
        words = "xmail"
    answer = browser.get(reverse("customers:list", args=[shop.slug]), {"q": words})
    assert answer.context["list"].rows == []
    assert browser.get(reverse("search", args=[shop.slug]), {"q": words}).context["groups"] == []
    agent = as_person(make_member(shop, Role.AGENT))
    expected = 0 if words == "xmail" else 1
    assert len(agent.get(reverse("customers:list", args=[shop.slug]), {"q": words}).context["list"].rows) == expected


def test_hidden_hits_take_no_place_and_are_not_counted(shop, monkeypatch):
    """Of more candidates than are looked at some are left out: none because of what nobody may see."""
    monkeypatch.setattr(finding, "MOST", 3)
    with shop_scope(shop), connections["default"].cursor() as cursor:
        made = [Customer.objects.create(shop=shop, name="Li") for _ in range(5)]
        for number, customer in enumerate(made):
            Identifier.objects.create(shop=shop, customer=customer, kind="email", value=f"a.vogel{number}@x.de")
        made.append(Customer.objects.create(shop=shop, name="Vogel"))
        write_search_documents(cursor, [customer.pk for customer in made], shop_id=shop.pk)
        with contacts_hidden(True):
            assert finding.find("vogel") == finding.Found([made[-1].pk], is_cut=False)
        assert finding.find("vogel").is_cut


def test_what_may_be_seen_of_a_customer_finds_them(shop, make_member, as_person):
    anna = customers.customer(shop, "Anna Vogel", number="17850")
    browser = as_person(make_member(shop, Role.ANALYST))
    for words in ("anna", "vog", "17850", "785", f"#{anna.pk}"):
        answer = browser.get(reverse("customers:list", args=[shop.slug]), {"q": words})
        assert [row.customer.pk for row in answer.context["list"].rows] == [anna.pk], words


def test_an_order_number_with_a_hidden_part_is_not_found_by_it(shop, make_member, as_person):
    made = [ADDRESS, "A-1"]
    for number in made:
        customers.order(shop, number, placed_at=now())
    analyst, agent = (as_person(make_member(shop, role)) for role in (Role.ANALYST, Role.AGENT))
    url = reverse("search", args=[shop.slug])
    for browser, counts in ((analyst, [0, 1]), (agent, [1, 1])):
        groups = [browser.get(url, {"q": number}).context["groups"] for number in made]
        assert [sum(len(group.found.hits) for group in found if group.label == "Orders") for found in groups] == counts


# The same bytes, whatever is hidden

LETTERS = "abc"
HIDDEN_PART = st.text(LETTERS, min_size=2, max_size=5)
# Each text has a hidden part in braces: an address or a number of which the rest is seen.
SHAPES = st.sampled_from(["a{}@x.com", "Li b{}@y.de", "c{}@x.com Wang"])
PEOPLE = st.lists(st.tuples(SHAPES, HIDDEN_PART, HIDDEN_PART, HIDDEN_PART, HIDDEN_PART), min_size=1, max_size=3)
QUERIES = st.lists(
    st.one_of(
        st.text(LETTERS + "@.•xy", min_size=1, max_size=4),
        st.sampled_from(["x.com", "@x", "Li", "0000", "151", "a•••", "wang"]),
        HIDDEN_PART.map(lambda part: f"a{part}"),
    ),
    min_size=1,
    max_size=3,
)


class World:
    """A shop whose customers have their names, numbers, tags and contacts replaced."""

    def __init__(self, shop, size=3):
        self.shop = shop
        with shop_scope(shop):
            run = ScoreRun.objects.create(shop=shop, state="done", created_at=now(), as_of=now().date())
            self.rows = [self._make(number, run) for number in range(size)]
            ScoreColumns.objects.all().delete()
            write_columns(shop.pk)

    def _make(self, number, run):
        shop, at = self.shop, now() - timedelta(days=number)
        customer = Customer.objects.create(
            shop=shop, order_count=1, net_minor=100, first_order_on=at.date(), last_order_at=at
        )
        segmentation.score(
            shop, customer, run_id=run.pk, stage="new", stage_since=at.date(), stage_reason="first_order"
        )
        kinds = ("email", "phone", "external")
        made = [
            Identifier.objects.create(shop=shop, customer=customer, kind=kind, value=f"{kind}{number}")
            for kind in kinds
        ]
        tag = Tag.objects.create(shop=shop, name=f"tag{number}")
        customer.customer_tags.create(shop=shop, tag=tag)
        if number:
            customer.customer_tags.create(shop=shop, tag=self.first_tag)
        else:
            self.first_tag = tag
        order = customers.order(shop, f"order{number}", customer=customer, placed_at=at, total_minor=100)
        return customer, made, tag, order

    def write(self, people, hidden):
        """`hidden` says which of a person's hidden parts counts in this world."""
        with shop_scope(self.shop):
            for number, ((customer, identifiers, tag, order), person) in enumerate(
                zip(self.rows, people, strict=False)
            ):
                shape, part = person[0], person[1 + hidden]
                mine = shape.format(part)
                digits = "".join(str(LETTERS.index(letter)) for letter in part).ljust(5, "9")
                email, phone, external = identifiers
                Customer.objects.filter(pk=customer.pk).update(name=mine, city=mine, country=mine)
                Identifier.objects.filter(pk=email.pk).update(value=f"m{part}{number}@z.org")
                Identifier.objects.filter(pk=phone.pk).update(value=f"+49151{digits}{number}0000")
                Identifier.objects.filter(pk=external.pk).update(value=f"n{part}{number}@w.org")
                Tag.objects.filter(pk=tag.pk).update(name=f"t{part}{number}@v.org")
                Order.objects.filter(pk=order.pk).update(external_id=f"o{part}{number}@u.org")
            with connections["default"].cursor() as cursor:
                write_search_documents(cursor, [row[0].pk for row in self.rows], shop_id=self.shop.pk)

    def asked(self, queries, parts):
        """Every address at which the list, its filters and orders, and the searches may be asked."""
        base, slug = reverse("customers:list", args=[self.shop.slug]), self.shop.slug
        for query in [*queries, *parts, *(f"o{part}0@u.org" for part in parts)]:
            for name in ("customers:list", "search", "search_suggest"):
                yield reverse(name, args=[slug]), {"q": query}
        for sort in ("last", "spent", "value"):
            yield base, {"sort": sort}
            yield base, {"sort": sort, "stage": "new"}
        for part in parts:
            yield base, {"country": f"a{part}@x.com"}
        yield base, {"tag": [row[2].pk for row in self.rows]}
        for customer, _, _, order in self.rows:
            yield reverse("customers:detail", args=[slug, customer.pk]), {}
            yield reverse("customers:order", args=[slug, order.pk]), {}
        yield reverse("orders", args=[slug]), {}
        yield reverse("overview", args=[slug]), {}


CHANCE = re.compile(r'csrfmiddlewaretoken" value="[^"]*"|X-CSRFToken": "[^"]*"')


@pytest.fixture
def analyst_of_a_world(shop, make_member, as_person):
    return World(shop), as_person(make_member(shop, Role.ANALYST))


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=PEOPLE, queries=QUERIES)
def test_customers_that_differ_in_what_is_hidden_get_the_same_bytes(analyst_of_a_world, people, queries):
    world, browser = analyst_of_a_world
    parts = [part for person in people for part in person[1:3]]
    answers = []
    for hidden in (0, 1):
        world.write(people, hidden)
        got = [(url, query, browser.get(url, query)) for url, query in world.asked(queries, parts)]
        answers.append([(url, query, CHANCE.sub("", answer.content.decode())) for url, query, answer in got])
    for before, after in zip(*answers, strict=True):
        assert before == after


def test_who_may_write_or_import_contacts_may_see_them():
    """Where contacts are hidden a form shows the mask, and what it showed may come back to be written."""
    writers = {Right.EDIT_CUSTOMERS, Right.IMPORT}
    blind = [role for role in Role if RIGHTS_OF[role] & writers and Right.SEE_CONTACTS not in RIGHTS_OF[role]]
    assert blind == []


def test_the_secrets_are_what_masks_hide():
    assert told(BOTH) == list(SECRETS)
    assert told(masked_text(BOTH)) == []


def test_false_hits_are_told_by_what_may_be_seen_alone(shop):
    """The second fence of the search: whatever the terms bring, contacts decide nothing."""
    with shop_scope(shop):
        anna = Customer.objects.create(shop=shop, name="Anna")
        Identifier.objects.create(shop=shop, customer=anna, kind="email", value=ADDRESS)
        Identifier.objects.create(shop=shop, customer=anna, kind="external", value="17850")
        with contacts_hidden(True):
            assert finding._values([anna.pk]) == {anna.pk: ["Anna", "17850"]}
        assert sorted(finding._values([anna.pk])[anna.pk]) == sorted(["Anna", "17850", ADDRESS])
